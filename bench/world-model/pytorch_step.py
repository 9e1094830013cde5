"""The same training step in PyTorch: the structure of the reference (its wiring, a time loop for the scan), eager, float32.

Prints the same JSON as training-step.ts: python3 pytorch_step.py --threads 1 --batch 8 --steps 3
"""

import argparse
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, INNER, STATES, CLASSES, POSITIONS, MASKED = 512, 1024, 64, 5003, 50, 7


class MambaBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.in_proj = nn.Linear(WIDTH, 2 * INNER, bias=False)
        self.conv1d = nn.Conv1d(INNER, INNER, 4, padding=3, groups=INNER)
        self.x_proj = nn.Linear(INNER, 2 * STATES, bias=False)
        self.dt_proj = nn.Linear(INNER, INNER)
        self.A_log = nn.Parameter(torch.log(torch.arange(1.0, STATES + 1)).repeat(INNER, 1))
        self.D = nn.Parameter(torch.ones(INNER))
        self.out_proj = nn.Linear(INNER, WIDTH, bias=False)
        self.layer_norm = nn.LayerNorm(WIDTH)

    def forward(self, x):
        u, z = self.in_proj(x).chunk(2, dim=-1)
        s = F.silu(self.conv1d(u.transpose(1, 2))[..., : x.shape[1]].transpose(1, 2))
        b, c = self.x_proj(s).chunk(2, dim=-1)
        dt = F.softplus(self.dt_proj(s))
        decay = torch.exp(dt.unsqueeze(-1) * -torch.exp(self.A_log))  # [B, L, E, N]
        drive = (dt * s).unsqueeze(-1) * b.unsqueeze(2)  # [B, L, E, N]
        state = torch.zeros_like(drive[:, 0])
        outputs = []
        # unbind: the gradient of decay[:, t] would fill a whole [B, L, E, N] for each t.
        for a_t, u_t, c_t in zip(decay.unbind(1), drive.unbind(1), c.unbind(1)):
            state = a_t * state + u_t
            outputs.append((state * c_t.unsqueeze(1)).sum(-1))
        y = torch.stack(outputs, dim=1) + self.D * s
        return self.layer_norm(self.out_proj(y * F.silu(z)) + x)


class DecoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.self_attn = nn.MultiheadAttention(WIDTH, 8, dropout=0.1, batch_first=True)
        self.cross_attn = nn.MultiheadAttention(WIDTH, 8, dropout=0.1, batch_first=True)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(3))
        self.ffn = nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Dropout(0.1), nn.Linear(4 * WIDTH, WIDTH), nn.Dropout(0.1)
        )

    def forward(self, x, encoded, causal, ignored):
        n = self.norms[0](x)
        x = x + self.self_attn(n, n, n, attn_mask=causal)[0]
        x = x + self.cross_attn(self.norms[1](x), encoded, encoded, key_padding_mask=ignored)[0]
        return x + self.ffn(self.norms[2](x))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.context = nn.Sequential(nn.Linear(400, WIDTH), nn.LayerNorm(WIDTH), nn.GELU())
        self.product = nn.Linear(320, WIDTH)
        self.encoder = nn.ModuleList(MambaBlock() for _ in range(4))
        self.decoder = nn.ModuleList(DecoderLayer() for _ in range(2))
        self.head = nn.Sequential(
            nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.LayerNorm(WIDTH), nn.Linear(WIDTH, CLASSES)
        )
        self.auxiliary = nn.ModuleList(nn.Linear(WIDTH, n) for n in (4, 4, 5, 6))
        self.register_buffer("positions", torch.randn(POSITIONS, WIDTH))

    def forward(self, context, tokens, places):
        basket = F.dropout(self.product(tokens) + self.positions, 0.1, self.training)
        x = torch.cat([self.context(context).unsqueeze(1), basket], 1)
        encoded = x
        for block in self.encoder:
            encoded = block(encoded)
        length = x.shape[1]
        causal = torch.triu(torch.full((length, length), float("-inf"), device=x.device), 1)
        ignored = torch.zeros(x.shape[:2], dtype=torch.bool, device=x.device)
        for layer in self.decoder:
            x = layer(x, encoded, causal, ignored)
        asked = x.gather(1, (places + 1).unsqueeze(-1).expand(-1, -1, WIDTH))
        return self.head(asked), [head(x[:, 0]) for head in self.auxiliary], encoded


def contrastive(encoded):
    """One batched InfoNCE over pairs of tokens, 8 anchors per basket."""
    z = F.normalize(encoded[:, 1:17], dim=-1)
    anchors, positives = z[:, :8].flatten(0, 1), z[:, 8:].flatten(0, 1)
    scores = anchors @ positives.T / 0.07
    return F.cross_entropy(scores, torch.arange(len(scores), device=scores.device))


parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--batch", type=int, default=8)
parser.add_argument("--steps", type=int, default=3)
parser.add_argument("--device", default="cpu")
parser.add_argument("--check", action="store_true", help="only say whether PyTorch can be used")
options = parser.parse_args()
if options.check:
    print(torch.__version__)
    sys.exit(0)

torch.manual_seed(1)
torch.set_num_threads(options.threads)
device = torch.device(options.device)
model = Model().to(device).train()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01)
size = options.batch
context = torch.randn(size, 400, device=device)
tokens = torch.randn(size, POSITIONS, 320, device=device)
places = torch.arange(0, 49, 7, device=device).repeat(size, 1)
targets = torch.randint(1, 5000, (size, MASKED), device=device)
labels = [torch.randint(1, n, (size,), device=device) for n in (4, 4, 5, 6)]


def step():
    logits, auxiliary, encoded = model(context, tokens, places)
    log_p = F.log_softmax(logits, -1).gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    loss = 0.6 * (-((1 - log_p.exp()) ** 2) * log_p).mean() + 0.2 * contrastive(encoded)
    for scores, label in zip(auxiliary, labels):
        loss = loss + 0.05 * F.cross_entropy(scores, label)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


step()
cpu, wall = time.process_time(), time.perf_counter()
for _ in range(options.steps):
    loss = step()
seconds = time.perf_counter() - wall
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(
    json.dumps(
        {
            "description": f"PyTorch {torch.__version__}, eager, {options.threads} threads, {options.device}",
            "cpuSeconds": (time.process_time() - cpu) / options.steps,
            "wallSeconds": seconds / options.steps,
            "peakMegabytes": peak / 1e6,
            "loss": loss,
        }
    )
)
