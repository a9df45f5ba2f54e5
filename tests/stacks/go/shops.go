package main

import (
	"encoding/json"
	"os"
)

type event struct {
	WebsiteID string `json:"website_id"`
	SessionID string `json:"session_id"`
	VisitorID string `json:"visitor_id"`
}

var tokens, events = map[string]string{}, map[event]bool{}

func init() {
	file, _ := os.ReadFile(os.Getenv("SHOPS"))
	var shops struct {
		Websites []struct {
			WebsiteID string `json:"website_id"`
			Token     string `json:"api_token"`
			Sessions  []event
		}
	}
	if err := json.Unmarshal(file, &shops); err != nil {
		panic(err)
	}
	for _, website := range shops.Websites {
		tokens[website.WebsiteID] = website.Token
		for _, one := range website.Sessions {
			events[event{website.WebsiteID, one.SessionID, one.VisitorID}] = true
		}
	}
}
