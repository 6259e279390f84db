#!/bin/bash
# Starts a broker on which everybody logs in: the administrator with the password of the secret, the
# others as users on the log, which the init job makes.
set -euo pipefail
umask 077
password=$(cat /run/secrets/admin-kafka-password)
cat >/tmp/jaas.conf <<EOC
KafkaServer {
  org.apache.kafka.common.security.plain.PlainLoginModule required
    username="admin" password="$password" user_admin="$password";
  org.apache.kafka.common.security.scram.ScramLoginModule required;
};
EOC
export KAFKA_OPTS=-Djava.security.auth.login.config=/tmp/jaas.conf
exec /etc/kafka/docker/run
