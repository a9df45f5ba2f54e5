curl "https://trackfox.app/api/v1/attribute-payment" \
-X POST \
-H "Authorization: Bearer tf_your_api_token_here" \
-H "Content-Type: application/json" \
-d '{
"session_id": "tf_session_id",
"visitor_id": "tf_visitor_id",
"website_id": "your_website_id",
"revenue": 9900,
"email": "customer@example.com"
}'
