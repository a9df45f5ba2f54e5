// Pays on the real host by net/http. Prints the status.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	url := os.Getenv("URL")
	if url == "" {
		url = "https://trackfox.app/api/v1/attribute-payment"
	}
	body, _ := json.Marshal(map[string]any{
		"session_id": os.Getenv("TRACKFOX_SESSION_ID"), "visitor_id": os.Getenv("TRACKFOX_VISITOR_ID"),
		"website_id": os.Getenv("TRACKFOX_WEBSITE_ID"), "revenue": 9900, "email": "ada@example.com",
	})
	request, _ := http.NewRequest("POST", url, bytes.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+os.Getenv("TRACKFOX_API_TOKEN"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(response.StatusCode)
}
