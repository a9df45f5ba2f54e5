import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** Two payments by Java's own client as it is by default, which offers HTTP/2 to every server. */
class Pay {
    public static void main(String[] arguments) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(arguments[0]))
            .header("Authorization", "Bearer " + arguments[1])
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(arguments[2]))
            .build();
        var client = HttpClient.newHttpClient();
        for (int number = 0; number < 2; number++) {
            System.out.println(client.send(request, BodyHandlers.ofString()).statusCode());
        }
    }
}
