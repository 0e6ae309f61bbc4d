module chai.example/who

go 1.24
