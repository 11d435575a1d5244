# A small image: the program, the libraries it is linked to, time zones and certificates. Nothing else runs in it.
#   docker build -t tocsin .
FROM debian:12 AS build
RUN apt-get update && apt-get install -y --no-install-recommends make git ca-certificates
WORKDIR /src
COPY . .
RUN make optimized && strip build/optimized/tocsin

FROM debian:12-slim
LABEL org.opencontainers.image.title="tocsin" \
      org.opencontainers.image.description="Watches the accounts of a payment platform for unusual location, device or limit activity" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates tzdata \
      libcpp-httplib0.11 libcurl4 libdate-tz3 libicu72 libmaxminddb0 libprometheus-cpp-core1.0 librdkafka1 libre2-9 \
      librocksdb7.8 libsimdjson14 libssl3 libxxhash0 libyaml-cpp0.7 zlib1g \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/build/optimized/tocsin /usr/local/bin/tocsin
RUN mkdir -p /var/lib/tocsin && chown 10001:10001 /var/lib/tocsin
USER 10001:10001
WORKDIR /var/lib/tocsin
EXPOSE 9464 8700
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/tocsin"]
CMD ["run"]
