module kirana.example/udhaar

go 1.24
