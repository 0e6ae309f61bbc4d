docker system df --format '{{.Type}}: {{.TotalCount}}, {{.Size}}'
