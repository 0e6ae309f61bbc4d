docker -H unix:///run/nobody-home.sock ps
