// Pays on the real host, by the client of the first argument: `java Pay.java HttpClient`. Prints the status.
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

class Pay {
    static String env(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }

    public static void main(String[] words) throws Exception {
        URI url = URI.create(env("URL", "https://trackfox.app/api/v1/attribute-payment"));
        String token = "Bearer " + env("TRACKFOX_API_TOKEN", "");
        String body = String.format(
            "{\"session_id\":\"%s\",\"visitor_id\":\"%s\",\"website_id\":\"%s\",\"revenue\":9900,\"email\":\"ada@example.com\"}",
            env("TRACKFOX_SESSION_ID", ""), env("TRACKFOX_VISITOR_ID", ""), env("TRACKFOX_WEBSITE_ID", ""));
        if (words[0].equals("HttpClient")) {
            HttpRequest request = HttpRequest.newBuilder(url).header("Authorization", token)
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build();
            System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
        } else {
            HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
            connection.setDoOutput(true);
            connection.setRequestProperty("Authorization", token);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.getOutputStream().write(body.getBytes());
            System.out.println(connection.getResponseCode());
        }
    }
}
