module gaadi

go 1.24
