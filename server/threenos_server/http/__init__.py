"""The Flask edge: declared routes become views and OpenAPI, errors become problem details."""
