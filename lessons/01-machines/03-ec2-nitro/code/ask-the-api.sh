aws ec2 describe-instance-types --instance-types t2.micro t3.micro m8i.large m8i.metal-48xl \
    --query 'InstanceTypes[].[InstanceType, Hypervisor, BareMetal]' --output table
aws ec2 describe-instances --query 'Reservations[].Instances[].[InstanceId, Hypervisor]'
