use super::math::log;

/// The k best scores so far: the binary heap of libstdc++ (`push_heap`, `pop_heap`, `sort_heap`), step by step, since
/// with equal scores its moves decide which label stays and in which order.
#[derive(Default)]
pub struct Best {
    heap: Vec<(f32, u32)>,
    k: usize,
}

impl Best {
    pub fn start(&mut self, k: usize) {
        self.heap.clear();
        self.k = k;
    }

    /// Whether a score can no longer get in.
    pub fn is_beaten(&self, score: f32) -> bool {
        self.heap.len() == self.k && self.heap.first().is_some_and(|worst| score < worst.0)
    }

    pub fn push(&mut self, score: f32, label: u32) {
        self.heap.push((score, label));
        let last = self.heap.len() - 1;
        self.sift_up(last, (score, label));
        if self.heap.len() > self.k {
            let length = self.heap.len();
            self.pop(length);
            self.heap.pop();
        }
    }

    /// Best first, log scores made probabilities.
    pub fn finish(&mut self, exp: impl Fn(f32) -> f32) -> &[(f32, u32)] {
        for length in (2..=self.heap.len()).rev() {
            self.pop(length);
        }
        for entry in &mut self.heap {
            entry.0 = exp(entry.0);
        }
        &self.heap
    }

    fn sift_up(&mut self, mut hole: usize, value: (f32, u32)) {
        while hole > 0 {
            let parent = (hole - 1) / 2;
            if self.heap[parent].0 <= value.0 {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = value;
    }

    /// Moves the worst of the first `length` entries behind the others.
    fn pop(&mut self, length: usize) {
        if length < 2 {
            return;
        }
        let length = length - 1;
        let value = self.heap[length];
        self.heap[length] = self.heap[0];
        let mut hole = 0;
        let mut child = 0;
        while child < (length - 1) / 2 {
            child = 2 * (child + 1);
            if self.heap[child].0 > self.heap[child - 1].0 {
                child -= 1;
            }
            self.heap[hole] = self.heap[child];
            hole = child;
        }
        if length.is_multiple_of(2) && child == (length - 2) / 2 {
            child = 2 * (child + 1);
            self.heap[hole] = self.heap[child - 1];
            hole = child - 1;
        }
        self.sift_up(hole, value);
    }
}

/// The reference's logarithm of a probability: never of zero.
pub fn safe_log(x: f32) -> f32 {
    log(f64::from(x) + 1e-5) as f32
}
