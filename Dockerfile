# Two images: `oms`, which is every process of ours (its command says which), and `connect`, Kafka Connect with Debezium.

FROM maven:3.9-eclipse-temurin-17 AS servers
WORKDIR /build
COPY local/pom.xml local/pom.xml
COPY local/elasticsearch local/elasticsearch
RUN mvn -B -q -ntp -f local/pom.xml package

FROM apache/kafka:4.3.1 AS connect
COPY --from=servers /build/.local/servers/connectors /opt/kafka/plugins
COPY local/conf/connect.properties /tmp/connect.properties
# The same settings as on one machine, but for where the broker is, where to listen and where the plugins are.
RUN sed -e 's|^bootstrap.servers=.*|bootstrap.servers=kafka:9092|' \
        -e 's|^listeners=.*|listeners=http://0.0.0.0:8083|' \
        -e 's|^plugin.path=.*|plugin.path=/opt/kafka/plugins|' \
        /tmp/connect.properties > /opt/kafka/config/oms-connect.properties
CMD ["/opt/kafka/bin/connect-distributed.sh", "/opt/kafka/config/oms-connect.properties"]

FROM python:3.11-slim AS oms
WORKDIR /oms
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY contracts contracts
COPY search search
COPY chassis chassis
COPY connectors connectors
COPY customers customers
COPY products products
COPY orders orders
COPY stores stores
COPY inventory inventory
COPY shipping shipping
COPY orders_stream orders_stream
COPY gateway gateway
COPY reconciliation reconciliation
COPY oms oms
COPY demo demo
COPY --from=servers /build/.local/servers/web web
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . && useradd --system --create-home oms
USER oms
ENV OMS_BIND=0.0.0.0 OMS_DATA_DIR=/home/oms OMS_WEB_DIR=/oms/web
CMD ["python", "-m", "oms", "--help"]
