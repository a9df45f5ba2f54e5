// Go with nothing but net/http and encoding/json, as their documentation has it.
package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
)

type payment struct {
	SessionID *string `json:"session_id"`
	VisitorID *string `json:"visitor_id"`
	WebsiteID *string `json:"website_id"`
	Revenue   *int64  `json:"revenue"`
	Email     *string `json:"email"`
}

var mistake = os.Getenv("MISTAKE")
var email = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
var bearer = regexp.MustCompile(`^Bearer (\S+)$`)
var shops struct {
	Websites []struct {
		WebsiteID string `json:"website_id"`
		Token     string `json:"api_token"`
		Sessions  []struct {
			SessionID string `json:"session_id"`
			VisitorID string `json:"visitor_id"`
		}
	}
}

func read(r io.Reader, p *payment) error {
	if mistake == "decoder" {
		return json.NewDecoder(r).Decode(p)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, p)
}

func status(r *http.Request) int {
	token := bearer.FindStringSubmatch(r.Header.Get("Authorization"))
	if mistake == "trim-prefix" {
		token = []string{"", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")}
	}
	if token == nil {
		return 401
	}
	var p payment
	if read(r.Body, &p) != nil || p.SessionID == nil || p.VisitorID == nil || p.WebsiteID == nil ||
		p.Revenue == nil || *p.Revenue < 1 || p.Email == nil || !email.MatchString(*p.Email) {
		return 400
	}
	for _, website := range shops.Websites {
		if website.WebsiteID != *p.WebsiteID || website.Token != token[1] {
			continue
		}
		for _, event := range website.Sessions {
			same := event.SessionID == *p.SessionID || mistake == "fold" && strings.EqualFold(event.SessionID, *p.SessionID)
			if same && event.VisitorID == *p.VisitorID {
				return 200
			}
		}
		return 404
	}
	return 401
}

func main() {
	file, _ := os.ReadFile(os.Getenv("SHOPS"))
	if err := json.Unmarshal(file, &shops); err != nil {
		panic(err)
	}
	http.HandleFunc("/api/v1/attribute-payment", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.Error(w, "POST is the method.", 405)
			return
		}
		message := map[int]string{200: "Payment event attributed successfully.", 400: "The body is invalid.", 401: "The API token is invalid.", 404: "No such event."}
		code := status(r)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": message[code]})
	})
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
