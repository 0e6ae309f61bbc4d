module chai.example/sweets

go 1.24
