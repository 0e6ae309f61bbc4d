docker run - e DISH=poha busybox:1.37
