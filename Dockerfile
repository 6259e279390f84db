# One image for all services. Which one runs is its command: node dist/services/<service>.js
ARG NODE=node:24-bookworm-slim

# Everything built is JavaScript, the same on each architecture: it is built on the one at hand.
FROM --platform=$BUILDPLATFORM ${NODE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/npm-cache npm ci --cache /npm-cache --ignore-scripts --no-progress

FROM dependencies AS runtime-dependencies
RUN npm prune --omit=dev --ignore-scripts --no-progress

FROM dependencies AS web
COPY apps/shop/web apps/shop/web
RUN npm run --silent build:web -- --logLevel error

FROM dependencies AS build
COPY tsconfig.json tsconfig.build.json manifest.ts ./
COPY libs libs
COPY tools tools
COPY apps apps
RUN npm run --silent build \
 && find dist -name '*.spec.*' -delete \
 && rm -rf dist/.tsbuildinfo dist/tools/chaos dist/tools/contracts dist/tools/screenshots dist/tools/test

FROM ${NODE}
WORKDIR /app
# The heap of the launcher's processes; a container with another memory limit sets its own. The
# warning is about kafkajs, which counts back to a moment that has passed.
ENV NODE_ENV=production \
    NODE_OPTIONS="--max-old-space-size=128 --max-semi-space-size=8 --enable-source-maps --disable-warning=TimeoutNegativeWarning" \
    PORT=8080
COPY --from=runtime-dependencies /app/node_modules node_modules
COPY package.json ./
COPY --from=web /app/dist/web dist/web
COPY --from=build /app/dist dist
# The tag goes to browsers as it is written.
COPY apps/collector/src/tag.js apps/collector/src/
COPY apps/simulator/src/control.html apps/simulator/src/
USER 1000:1000
# Bash speaks HTTP here: another Node process for each look would cost fifty times as much.
HEALTHCHECK --interval=10s --timeout=3s --retries=3 --start-period=60s --start-interval=1s CMD \
  ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$PORT && echo -e 'GET /readyz HTTP/1.0\\r\\n\\r' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
CMD ["node", "--eval", "console.error('Name a service: node dist/services/<service>.js'); process.exit(1)"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Streamside" \
      org.opencontainers.image.description="The reference retailer that runs on one log" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
