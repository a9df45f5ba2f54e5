# Plain Rack, as its documentation has it; puma serves it.
require "json"

MISTAKE = ENV["MISTAKE"]
WEBSITES = JSON.parse(File.read(ENV["SHOPS"]))["websites"]
EMAIL = MISTAKE == "lines" ? /^[^@\s]+@[^@\s]+\.[^@\s]+$/ : /\A[^@\s]+@[^@\s]+\.[^@\s]+\z/

def answer(status, body)
  [status, { "content-type" => "application/json" }, [body.to_json]]
end

def body_of(request)
  text = request.body.read.force_encoding("UTF-8")
  text.valid_encoding? ? JSON.parse(text) : nil
rescue JSON::ParserError
  nil
end

def valid?(body)
  texts = body.values_at("session_id", "visitor_id", "website_id", "email")
  revenue = body["revenue"]
  amount = MISTAKE == "numeric" ? revenue.is_a?(Numeric) : revenue.is_a?(Integer)
  texts.all?(String) && texts.all?(&:valid_encoding?) && amount && revenue.positive? && body["email"].match?(EMAIL)
end

run lambda { |env|
  request = Rack::Request.new(env)
  next answer(404, { error: "There is no such page." }) unless request.path_info == "/api/v1/attribute-payment"
  next answer(405, { error: "POST is the method." }) unless request.post?

  token = env["HTTP_AUTHORIZATION"].to_s[/\ABearer (\S+)\z/, 1]
  next answer(401, { error: "The API token is missing." }) unless token

  body = body_of(request)
  next answer(400, { error: "The body is invalid." }) unless body.is_a?(Hash) && valid?(body)

  website = WEBSITES.find { |one| one["website_id"] == body["website_id"] }
  website = WEBSITES.find { |one| one["api_token"] == token } if MISTAKE == "token-website"
  next answer(401, { error: "The API token is invalid." }) unless website && website["api_token"] == token

  event = { "session_id" => body["session_id"], "visitor_id" => body["visitor_id"] }
  next answer(404, { error: "No such event." }) unless website["sessions"].include?(event)

  answer(200, { message: "Payment event attributed successfully." })
}
