const response = await fetch("https://trackfox.app/api/v1/attribute-payment", {
method: "POST",
headers: {
Authorization: "Bearer tf_your_api_token_here",
"Content-Type": "application/json",
},
body: JSON.stringify({
session_id: "tf_session_id",
visitor_id: "tf_visitor_id",
website_id: "your_website_id",
revenue: 9900,
email: "customer@example.com",
}),
});
const data = await response.json();
console.log(data.message);
