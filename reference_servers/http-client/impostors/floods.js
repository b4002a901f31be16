// Lab: http-client
// Pretends: that it has much to print: one answer after another, and connects to nothing.
setInterval(() => console.log("HTTP/1.1 400 Bad Request\r\n".repeat(100)), 1);
