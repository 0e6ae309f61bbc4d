docker run -d --name jenkins --restart unless-stopped \
    -p 127.0.0.1:8080:8080 -v jenkins_home:/var/jenkins_home jenkins/jenkins:lts-jdk21
