# Pays on the real host, by the client of the first argument: `ruby pay.rb faraday`. Prints the status.
require "json"
require "net/http"

URL = URI(ENV["URL"] || "https://trackfox.app/api/v1/attribute-payment")
BODY = JSON.generate(
  session_id: ENV["TRACKFOX_SESSION_ID"], visitor_id: ENV["TRACKFOX_VISITOR_ID"],
  website_id: ENV["TRACKFOX_WEBSITE_ID"], revenue: 9900, email: "ada@example.com",
)
HEADERS = { "Authorization" => "Bearer #{ENV["TRACKFOX_API_TOKEN"]}", "Content-Type" => "application/json" }

case ARGV[0]
when "net-http"
  puts Net::HTTP.post(URL, BODY, HEADERS).code
when "faraday"
  require "faraday"
  puts Faraday.post(URL, BODY, HEADERS).status
end
