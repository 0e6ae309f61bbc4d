docker version --format 'architecture {{.Server.Arch}}'
docker info --format 'storage driver {{.Driver}}'
docker info --format 'cgroup version {{.CgroupVersion}}'
