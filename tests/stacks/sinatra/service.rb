# Sinatra, as its documentation has it; puma serves it.
require "json"
require "sinatra"

MISTAKE = ENV["MISTAKE"]
WEBSITES = JSON.parse(File.read(ENV["SHOPS"]))["websites"]
EMAIL = /\A[^@\s]+@[^@\s]+\.[^@\s]+\z/

set :server, :puma
set :bind, "127.0.0.1"
set :port, ENV["PORT"]
set :environment, :production

def refuse(status, message)
  halt status, { error: message }.to_json
end

post "/api/v1/attribute-payment" do
  content_type :json
  token = request.env["HTTP_AUTHORIZATION"].to_s[/\ABearer (\S+)\z/, 1] or refuse(401, "The API token is missing.")

  begin
    body = JSON.parse(request.body.read)
  rescue JSON::ParserError
    refuse(400, "The body is no JSON.")
  end
  refuse(400, "The body is no object.") unless body.is_a?(Hash)

  session, visitor, website_id, email = body.values_at("session_id", "visitor_id", "website_id", "email")
  revenue = MISTAKE == "to_i" ? body["revenue"].to_i : body["revenue"]
  texts = [session, visitor, website_id, email]
  valid = texts.all? { |value| value.is_a?(String) && value.valid_encoding? } && email.match?(EMAIL)
  refuse(400, "The body is invalid.") unless valid && revenue.is_a?(Integer) && revenue.positive?

  website = WEBSITES.find { |one| one["website_id"] == website_id }
  known = MISTAKE == "starts-with" ? website&.fetch("api_token")&.start_with?(token) : website&.fetch("api_token") == token
  refuse(401, "The API token is invalid.") unless known

  same = MISTAKE == "casecmp" ? ->(one, other) { one.casecmp?(other) } : ->(one, other) { one == other }
  found = website["sessions"].any? { |event| same.(event["session_id"], session) && event["visitor_id"] == visitor }
  refuse(404, "No such event.") unless found

  { message: "Payment event attributed successfully." }.to_json
end
