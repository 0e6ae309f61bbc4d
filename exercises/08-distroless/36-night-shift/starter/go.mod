module chai.example/booth

go 1.24
