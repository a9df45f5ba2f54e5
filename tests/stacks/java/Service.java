// Java with the JDK's own HTTP server, and Jackson, as their documentation has it.
import static com.fasterxml.jackson.databind.DeserializationFeature.*;
import static com.fasterxml.jackson.databind.MapperFeature.ALLOW_COERCION_OF_SCALARS;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.*;
import java.io.*;
import java.net.InetSocketAddress;
import java.util.*;
import java.util.regex.*;

public class Service {
    record Event(String session_id, String visitor_id) {}
    record Website(String website_id, String api_token, List<Event> sessions) {}
    record Shops(List<Website> websites) {}
    record Payment(String session_id, String visitor_id, String website_id, Integer revenue, String email) {}

    static final String MISTAKE = System.getenv("MISTAKE");
    static final Pattern BEARER = Pattern.compile("Bearer (\\S+)"), EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+\\.[^@\\s]+");
    // By default Jackson makes integers of texts and of fractions, and leaves unread what stands behind the object.
    static final JsonMapper JSON = "coerced".equals(MISTAKE)
        ? JsonMapper.builder().disable(FAIL_ON_UNKNOWN_PROPERTIES).build()
        : JsonMapper.builder().disable(FAIL_ON_UNKNOWN_PROPERTIES, ACCEPT_FLOAT_AS_INT).enable(FAIL_ON_TRAILING_TOKENS).disable(ALLOW_COERCION_OF_SCALARS).build();

    static int status(HttpExchange exchange, Shops shops) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) return 405;
        Matcher bearer = BEARER.matcher(Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Authorization"), ""));
        if (!bearer.matches()) return 401;
        Payment payment;
        try {
            payment = JSON.readValue(exchange.getRequestBody().readAllBytes(), Payment.class);
        } catch (JacksonException problem) {
            return 400;
        }
        if (payment == null || payment.session_id == null || payment.visitor_id == null || payment.website_id == null
            || payment.revenue == null || payment.revenue < 1 || payment.email == null) return 400;
        if (!("find".equals(MISTAKE) ? EMAIL.matcher(payment.email).find() : EMAIL.matcher(payment.email).matches())) return 400;
        Website website = shops.websites.stream().filter(one -> one.website_id.equals(payment.website_id)).findFirst().orElse(null);
        if (website == null || !website.api_token.equals(bearer.group(1))) return 401;
        return website.sessions.stream().anyMatch(one -> one.visitor_id.equals(payment.visitor_id)
            && ("ignore-case".equals(MISTAKE) ? one.session_id.equalsIgnoreCase(payment.session_id) : one.session_id.equals(payment.session_id))) ? 200 : 404;
    }

    public static void main(String[] arguments) throws IOException {
        Shops shops = JSON.readValue(new File(System.getenv("SHOPS")), Shops.class);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 0);
        server.setExecutor(java.util.concurrent.Executors.newCachedThreadPool());
        server.createContext("/api/v1/attribute-payment", exchange -> {
            int status = status(exchange, shops);
            byte[] body = JSON.writeValueAsBytes(Map.of("message", status == 200 ? "Payment event attributed successfully." : "Refused."));
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
