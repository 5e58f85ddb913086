"""Steps of SOBA and SLIP on the linear problems of scripts/bench, by closed forms in NumPy.

Sizes, minibatches and samples of a step are those of Stackel's rows; the data are random, which does not change the work.
Prints "problem algorithm wall processor MB": microseconds a step, medians over blocks, and the peak of memory.
"""

import resource
import sys
import time

import numpy as np

BLOCKS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
rng = np.random.default_rng(0)


def sigmoid(t):
    return 1 / (1 + np.exp(-t))


def softmax(t):
    p = np.exp(t - t.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return p


def quadratic_soba():
    x, y, z = np.ones(1), np.zeros(1), np.zeros(1)
    a, b, d, e = 2 * np.eye(1), np.eye(1), np.full(1, 3.0), np.eye(1)
    for t in range(10**9):
        rho, gamma = 0.1 / (t + 1) ** 0.4, 0.05 / (t + 1) ** 0.6
        in_y, hessian, cross = a @ y - b @ x, a @ z, -b.T @ z
        y, z, x = y - rho * in_y, z - rho * (hessian - (y - d)), x - gamma * (e @ x - cross)
        yield


def logistic_soba(n=25_000, width=22, batch=64):
    data = [(rng.standard_normal((n, width), np.float32), rng.integers(0, 2, n).astype(np.float32)) for _ in range(2)]
    x, y, z = (np.zeros(width, np.float32) for _ in range(3))
    for t in range(10**9):
        rho, gamma = np.float32(0.1), np.float32(0.1)
        (a, b), (c, d) = ((f[i], l[i]) for f, l in data for i in [rng.integers(0, n, batch)])
        strength = np.exp(x)
        p = sigmoid(a @ y)
        in_y = a.T @ (p - b) / batch + strength * y
        hessian = a.T @ ((p - p * p) * (a @ z)) / batch + strength * z
        cross = strength * y * z
        upper = c.T @ (sigmoid(c @ y) - d) / batch
        y, z, x = y - rho * in_y, z - rho * (hessian - upper), x + gamma * cross
        yield


def cleaning_slip(n=10_000, trusted=1_000, width=101, classes=38, batch=256, penalty=1e-4):
    train, held = (rng.standard_normal((m, width), np.float32) for m in (n, trusted))
    labels, right = (rng.integers(0, classes, m) for m in (n, trusted))
    x, m = np.ones(n, np.float32), np.zeros(n, np.float32)
    y, z = (np.zeros((width, classes), np.float32) for _ in range(2))
    rows = np.arange(batch)

    def errors(p, of):
        e = p.copy()
        e[rows, of] -= 1
        return e

    for t in range(10**9):
        i, j, k, h = (rng.integers(0, size, batch) for size in (trusted, n, n, n))
        a = held[i]
        upper = a.T @ errors(softmax(a @ y), right[i]) / batch
        a = train[j]  # Hessian
        p, u = softmax(a @ y), a @ z
        share = p * u
        curved = (share - p * share.sum(1, keepdims=True)) * sigmoid(x[j])[:, None]
        hessian = a.T @ curved / batch + 2 * penalty * z
        a = train[k]  # cross
        w = sigmoid(x[k])
        cross = np.zeros_like(x)
        np.add.at(cross, k, (errors(softmax(a @ y), labels[k]) * (a @ z)).sum(1) * w * (1 - w) / batch)
        a = train[h]  # gradient
        in_y = a.T @ (errors(softmax(a @ y), labels[h]) * sigmoid(x[h])[:, None]) / batch + 2 * penalty * y
        m = 0.9 * m - 0.1 * cross
        z = z - 0.1 * (hessian - upper)
        y = y - 0.1 * in_y
        x = x - m / max(np.linalg.norm(m), 1e-30)
        yield


for name, algorithm, steps, size in [
    ("quadratic-demo", "soba", quadratic_soba(), 2_000),
    ("logistic", "soba", logistic_soba(), 1_000),
    ("cleaning", "slip", cleaning_slip(), 50),
]:
    wall, processor = [], []
    for block in range(-BLOCKS // 2, BLOCKS):
        begin, cpu = time.perf_counter(), time.process_time()
        for _ in range(size):
            next(steps)
        if block >= 0:
            wall.append((time.perf_counter() - begin) / size * 1e6)
            processor.append((time.process_time() - cpu) / size * 1e6)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name} {algorithm} {np.median(wall):.1f} {np.median(processor):.1f} {peak}", flush=True)
