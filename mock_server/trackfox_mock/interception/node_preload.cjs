// Loaded by NODE_OPTIONS into every Node process under `trackfox-mock exec --intercept`: older Nodes, and some
// libraries in newer ones, ask no proxy. A TLS connection to one of our hosts is opened to the mock instead; all
// else is left alone, and so is everything if this fails.
'use strict';
try {
  const { hosts, address, port } = JSON.parse(process.env.TRACKFOX_MOCK_INTERCEPTS);
  const tls = require('tls');
  const connect = tls.connect;

  const isOurs = (host) => {
    const name = String(host).toLowerCase().replace(/\.$/, '');
    return hosts.some((own) => own === name || (own.startsWith('*.') && name.endsWith(own.slice(1))));
  };

  tls.connect = function (...given) {
    // Either connect(options, …) or connect(port, host, options, …); what brings its own socket has its way already.
    const byPort = typeof given[0] !== 'object';
    const options = byPort ? given.find((one) => typeof one === 'object' && one !== null) || {} : given[0];
    const host = byPort && typeof given[1] === 'string' ? given[1] : options.host;
    if (!host || options.socket || options.path || !isOurs(host)) return connect.apply(this, given);
    const listener = given.find((one) => typeof one === 'function');
    const detour = { ...options, host: address, port, servername: options.servername || host, lookup: undefined };
    return connect.call(this, detour, listener);
  };
  require('module').syncBuiltinESMExports();
} catch {
  // The process runs as it would without us.
}
