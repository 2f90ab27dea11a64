# One small target per service. Stages: manifests -> deps -> build, and beside them the production dependencies of each service.
# Needs neither BuildKit nor a network beyond the npm registry. Manifests are copied before sources, so that a changed source
# installs nothing anew.

FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY core/package.json core/
COPY ingest/package.json ingest/
COPY delivery/package.json delivery/
COPY dashboard/package.json dashboard/
COPY loadtest/package.json loadtest/
COPY scripts/package.json scripts/

FROM manifests AS build
RUN npm ci
COPY tsconfig.base.json tsconfig.json ./
COPY core core
COPY ingest ingest
COPY delivery delivery
COPY dashboard dashboard
COPY loadtest loadtest
COPY docs docs
# Only what runs is left: dist, with the bundled page, and what the dashboard reads beside it.
RUN npx tsc --build core ingest delivery dashboard loadtest \
 && node dashboard/page/build.mjs \
 && find . -path ./node_modules -prune -o -name node_modules -prune -exec rm -rf {} + \
 && rm -rf */src */test */page */tsconfig.json */*.tsbuildinfo

FROM manifests AS ingest-deps
RUN npm ci --omit=dev --workspace ingest && npm cache clean --force
FROM manifests AS delivery-deps
RUN npm ci --omit=dev --workspace delivery && npm cache clean --force
FROM manifests AS dashboard-deps
RUN npm ci --omit=dev --workspace dashboard && npm cache clean --force
FROM manifests AS loadtest-deps
RUN npm ci --omit=dev --workspace loadtest && npm cache clean --force

FROM node:24-bookworm-slim AS service
ENV NODE_ENV=production
WORKDIR /app
USER node

FROM service AS ingest
COPY --from=ingest-deps /app ./
COPY --from=build /app/core core
COPY --from=build /app/ingest ingest
CMD ["node", "--max-semi-space-size=8", "ingest/dist/main.js"]

FROM service AS delivery
COPY --from=delivery-deps /app ./
COPY --from=build /app/core core
COPY --from=build /app/delivery delivery
CMD ["node", "--max-semi-space-size=8", "delivery/dist/main.js"]

FROM service AS dashboard
# The volume of trimmed dead letters takes over the directory's owner.
USER root
RUN install -d -o node -g node -m 0700 /archive
USER node
COPY --from=dashboard-deps /app ./
COPY --from=build /app/core core
COPY --from=build /app/dashboard dashboard
COPY --from=build /app/docs docs
COPY dashboard/bin/postback /usr/local/bin/
CMD ["node", "--max-semi-space-size=8", "dashboard/dist/main.js"]

# The generator, and with another command (loadtest/dist/sinkMain.js) the sink.
FROM service AS loadtest
COPY --from=loadtest-deps /app ./
COPY --from=build /app/core core
COPY --from=build /app/loadtest loadtest
# Absolute: `make loadtest` runs it in the directory that takes the report.
ENTRYPOINT ["node", "/app/loadtest/dist/main.js"]

# Writes the generated Redis passwords into volumes and ends. Each volume takes over its directory's owner and mode; whoever is in the
# group may read it (see group_add in docker-compose.yml).
FROM node:24-bookworm-slim AS secrets
RUN install -d -o 10001 -g 10001 -m 0750 /run/postback /run/postback-ingest /run/postback-delivery /run/postback-dashboard
COPY redis/write-password.sh /opt/postback/
USER 10001:10001
CMD ["/opt/postback/write-password.sh"]

FROM redis:8.2-bookworm AS redis
COPY redis /opt/postback/redis
USER redis
ENTRYPOINT ["/opt/postback/redis/run.sh"]
CMD []

# 101 is the image's own nginx user. SIGQUIT lets requests in flight finish.
FROM nginx:1.30 AS nginx
COPY nginx /opt/postback/nginx
USER 101
STOPSIGNAL SIGQUIT
ENTRYPOINT ["/opt/postback/nginx/run.sh"]
CMD []
