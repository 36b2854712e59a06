/**
 * How the test runs the blocks of the docs that cannot be run verbatim: by page, then by the beginning of the
 * block. The pages do not mention their test.
 * @module
 */

export interface Running {
  /** Runs only with the long tests. */
  readonly long?: true;
  /** Directs wrangler to the local implementation of Cloudflare's API. */
  readonly account?: true;
  /** Commands that prepare what the block needs. */
  readonly first?: string;
  /** Lines that begin like this are left out, with the reason. */
  readonly without?: { readonly line: string; readonly why: string };
  /** Why the block is not run. */
  readonly notRun?: string;
  /** The commands to run instead. */
  readonly instead?: string;
  /** The output on the page follows a sentence, not the block directly. */
  readonly outputLater?: true;
}

export const RUNNING: Readonly<Record<string, Readonly<Record<string, Running>>>> = {
  'README.md': {
    'npx hebb data check photos': {
      long: true,
      first: 'mkdir -p models && cp -r shared/model/default models/imagenet',
      without: {
        line: 'npx hebb import --from zoo',
        why: '28 MB from GitHub or Hugging Face; gpu-tier/models/import/zoo.test.ts imports from a mirror',
      },
    },
    'npx wrangler login': {
      notRun: 'it opens a browser and asks for a Cloudflare account',
      instead: 'npx wrangler login --help',
    },
    'npm run deploy': {
      account: true,
    },
    'npx hebb native install --gpu': {
      long: true,
      account: true,
      without: {
        line: 'npx hebb native install --gpu',
        why: '3.4 GB, for a machine with an NVIDIA GPU',
      },
    },
    'npm test': {
      notRun: 'npm test and npm run test:all are what runs this, and npm run bench takes an hour',
      instead: 'npm run bench -- --help',
    },
  },
  'CONTRIBUTING.md': {
    'npm start': {
      long: true,
      notRun: 'npm test and npm run test:all are what runs this, and npm run bench takes an hour',
      instead: [
        'npm start',
        'npm test -- test/docs/generated.test.ts',
        'npm run lint && npm run typecheck',
        'npm run bench -- --help',
      ].join('\n'),
    },
  },
  'docs/api.md': {
    'curl --json \'{"url": "https://images.example.com/photo.jpg"}\' localhost:8787/v1/classify': {
      without: {
        line: 'curl',
        why: 'images from URLs are off until hosts are listed, and there is no internet; tested in test/edge/urls',
      },
    },
  },
  'docs/batches.md': {
    'export HEBB_HOP_SECRET=$(openssl rand -hex 32)': {
      long: true,
      account: true,
    },
  },
  'docs/benchmarks.md': {
    'npx hebb import --from zoo --name imagenet': {
      long: true,
      notRun: 'it takes more than two hours on an idle machine',
      instead: [
        'npm run bench -- --help',
        'npm run bench -- kernels --quick',
        'npm run bench -- report',
      ].join('\n'),
    },
  },
  'docs/deploy.md': {
    'npx wrangler login': {
      long: true,
      notRun: 'it opens a browser and asks for a Cloudflare account',
      instead: 'npx wrangler login --help',
    },
    'npm run deploy': {
      long: true,
      account: true,
    },
    'curl https://hebb.example.com/readyz': {
      first: 'KEY=$(npx hebb keys create --name docs)',
    },
    'npx hebb native install --gpu': {
      long: true,
      without: {
        line: 'npx hebb native install --gpu',
        why: '3.4 GB, for a machine with an NVIDIA GPU',
      },
    },
    'export HEBB_HOP_SECRET=$(openssl rand -hex 32)': {
      long: true,
      account: true,
    },
    'echo "$HEBB_HOP_SECRET" | npx wrangler secret put HEBB_HOP_SECRET': {
      long: true,
      account: true,
      first: 'HEBB_HOP_SECRET=$(openssl rand -hex 32)',
    },
    'sudo useradd --system --home-dir /var/lib/hebb hebb': {
      notRun: 'it needs root, and systemd as the init process',
      instead:
        '! systemd-analyze --version || systemd-analyze security --offline=true --threshold=60 infra/gpu-tier/hebb-gpu-tier.service',
    },
    'docker build -f infra/gpu-tier/Dockerfile --build-arg FLAVOUR=gpu -t hebb-gpu-tier .': {
      notRun: 'it needs a Docker engine',
    },
    'kubectl create secret generic hebb-hop --from-literal=HEBB_HOP_SECRET=$(openssl rand -hex 32)':
      {
        notRun: 'it needs a cluster',
      },
    'npx hebb keys create --name "in the cluster" --scope batch --file keys.json': {
      notRun: 'it needs a cluster',
    },
  },
  'docs/evaluation.md': {
    'npx hebb eval flowers --data photos': {
      long: true,
    },
    'npx hebb eval --ensemble': {
      long: true,
      first: 'for n in 1 2 3; do cp -r models/flowers models/flowers-$n; done',
    },
  },
  'docs/gpu-tier.md': {
    'npm run gpu-tier -- --model flowers': {
      long: true,
    },
    'npx hebb native install': {
      long: true,
      without: {
        line: 'npx hebb native install --gpu',
        why: '3.4 GB, for a machine with an NVIDIA GPU',
      },
    },
    "# pip install 'tritonclient[http]'": {
      notRun:
        'it needs numpy and tritonclient from PyPI; gpu-tier/serve/protocol/tritonclient.long.test.ts tests them',
    },
  },
  'docs/jobs.md': {
    'mkdir -p photos && cp test/samples/*.jpg photos/': {
      outputLater: true,
    },
    'npx hebb jobs list\n': {
      first:
        'ID=$(npx hebb jobs list --json | node -p \'JSON.parse(require("fs").readFileSync(0)).jobs[0].id\')',
    },
    'curl "localhost:8787/v1/jobs/$ID/results?offset=$(wc -l < results.ndjson)" >> results.ndjson':
      {
        first:
          'ID=$(npx hebb jobs list --json | node -p \'JSON.parse(require("fs").readFileSync(0)).jobs[0].id\')',
      },
    'export HEBB_WEBHOOK_ALLOW=http://localhost:9000 HEBB_WEBHOOK_SECRET="whsec_$(openssl rand -base64 32)"':
      {
        long: true,
      },
    'npx hebb jobs list  ': {
      first:
        'ID=$(npx hebb jobs list --json | node -p \'JSON.parse(require("fs").readFileSync(0)).jobs[0].id\')',
      without: {
        line: 'npx hebb jobs replay',
        why: 'this job has no failed images; test/jobs replays one with failures',
      },
    },
    'echo "whsec_$(openssl rand -base64 32)" | npx wrangler secret put HEBB_WEBHOOK_SECRET': {
      long: true,
      account: true,
    },
  },
  'docs/publishing.md': {
    'npx hebb quantize flowers --calibrate photos': {
      long: true,
    },
    'npx hebb publish flowers --remote --edge https://hebb.example.com': {
      long: true,
      account: true,
      first: 'npx hebb publish flowers',
    },
    'npx hebb serve --follow http://localhost:8787': {
      long: true,
      first: 'npm start -- --edge-only',
      without: {
        line: 'npx hebb serve --follow https:',
        why: 'it needs a mirror; gpu-tier/models/publish/follow-edge.long.test.ts has one',
      },
    },
  },
  'docs/quantization.md': {
    'npx hebb quantize flowers --calibrate photos': {
      long: true,
    },
  },
  'docs/security.md': {
    'NEW=$(openssl rand -hex 32)': {
      long: true,
      account: true,
      first: 'OLD=$(openssl rand -hex 32)',
    },
    'KEY=$(npx hebb keys create --name "the shop" --scope batch --file keys.json)': {
      notRun:
        'the second command serves until it is stopped; gpu-tier/serve/server/auth/access.test.ts tests it',
      instead: 'npx hebb keys create --name "the shop" --scope batch --file keys.json',
    },
    'client.infer("flowers", inputs, headers={"Authorization": f"Bearer {KEY}"})': {
      notRun:
        'it needs the clients from PyPI; gpu-tier/serve/protocol/start.long.test.ts tests them',
    },
    'cloudflared tunnel --url http://127.0.0.1:8788 run hebb-gpu': {
      long: true,
      account: true,
      notRun: 'it needs a Cloudflare account with Zero Trust, and cloudflared',
      instead: [
        'echo id | npx wrangler secret put HEBB_GPU_TOKEN_ID',
        'echo secret | npx wrangler secret put HEBB_GPU_TOKEN_SECRET',
      ].join('\n'),
    },
    'npx wrangler mtls-certificate upload --cert edge.pem --key edge.key --name hebb-edge': {
      long: true,
      notRun: 'it needs a Cloudflare account and a certificate',
      instead: 'npx wrangler mtls-certificate upload --help',
    },
  },
  'docs/training.md': {
    'npx hebb data check photos': {
      long: true,
      first: 'mkdir -p models && cp -r shared/model/default models/imagenet',
      without: {
        line: 'npx hebb train --data photos --name mine',
        why: 'it takes more than an hour; the test trains on drawn shapes below',
      },
    },
    'npx hebb data shapes shapes': {
      long: true,
    },
    'npx hebb data check shop.csv': {
      long: true,
      first: [
        'mkdir -p models && cp -r shared/model/default models/imagenet',
        'npx hebb data shapes --multi-label shop --images 16',
        'sed s,images/,shop/images/, shop/labels.csv > shop.csv',
      ].join('\n'),
    },
    'npx hebb data shapes --multi-label figures': {
      long: true,
    },
    'npx hebb train --resume $RUN': {
      long: true,
      first: [
        'npx hebb data shapes drawn --images 16',
        'npx hebb train --data drawn --recipe quick --epochs 5 --batch-size 8 --name drawn --runs runs/drawn',
        'RUN=$(ls -d runs/drawn/*)',
      ].join('\n'),
    },
  },
  'docs/paper.md': {
    'npm run paper': {
      long: true,
      notRun: 'it trains fifteen networks',
      instead: 'npm run paper -- --help\nnpm run paper -- --report',
    },
  },
  'docs/python.md': {
    'pip install ./clients/python': {
      notRun: 'shared/client/python.test.ts installs it into a virtual environment',
    },
    'from hebb_client import Client, FailedLine, HebbError': {
      notRun: 'it needs a Python with the client: shared/client/python.test.ts runs it verbatim',
    },
  },
};
