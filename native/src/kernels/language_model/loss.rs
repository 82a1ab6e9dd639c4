use super::best::{Best, safe_log};
use super::dictionary::Dictionary;
use super::math::{exp, exp_single};
use super::matrix::Matrix;
use super::{ModelError, Result};

/// From a text's vector to its likeliest labels.
pub struct Loss {
    output: Matrix,
    kind: Kind,
    best: Best,
    scores: Vec<f32>,
}

enum Kind {
    /// Children of each inner node, and the inner nodes that the walk has still to visit.
    Tree {
        children: Vec<[u32; 2]>,
        stack: Vec<(u32, f32)>,
    },
    Softmax {
        lanes: Vec<f32>,
    },
    /// One-versus-all and negative sampling: independent sigmoids, read from the reference's table.
    Sigmoid {
        lanes: Vec<f32>,
        table: Vec<f32>,
    },
}

/// Rows that are multiplied side by side. Each row's own sum keeps its order; side by side they hide each other's waiting.
const LANES: usize = 8;
const SIGMOID_STEPS: usize = 512;
const SIGMOID_END: f32 = 8.0;
/// More than any training text has words; the reference's tree uses it for "not built yet".
const COUNT_END: i64 = 1_000_000_000_000_000;

impl Loss {
    pub fn new(loss: i32, output: Matrix, dictionary: &Dictionary) -> Result<Self> {
        let kind = match loss {
            1 => Kind::Tree { children: build_tree(dictionary.label_counts())?, stack: Vec::new() },
            3 => Kind::Softmax { lanes: side_by_side(&output) },
            _ => Kind::Sigmoid { lanes: side_by_side(&output), table: sigmoid_table() },
        };
        Ok(Self { output, kind, best: Best::default(), scores: Vec::new() })
    }

    pub fn predict(&mut self, bytes: &[u8], hidden: &[f32], k: usize) -> Result<&[(f32, u32)]> {
        self.best.start(k);
        let Self { output, kind, best, scores } = self;
        match kind {
            Kind::Tree { children, stack } => walk(children, stack, best, |node| output.dot(bytes, node, hidden))?,
            Kind::Softmax { lanes } => {
                all_scores(output, lanes, bytes, hidden, scores)?;
                let most = scores.iter().fold(scores[0], |most, &score| if most < score { score } else { most });
                let mut sum = 0.0;
                for score in &mut *scores {
                    *score = exp(f64::from(*score - most)) as f32;
                    sum += *score;
                }
                for score in &mut *scores {
                    *score /= sum;
                }
                keep_best(scores, best);
            }
            Kind::Sigmoid { lanes, table } => {
                all_scores(output, lanes, bytes, hidden, scores)?;
                for score in &mut *scores {
                    *score = sigmoid(table, *score);
                }
                keep_best(scores, best);
            }
        }
        Ok(best.finish(exp_single))
    }
}

fn not_a_number() -> ModelError {
    ModelError("it gives a score that is no number: its weights are damaged or its training diverged".into())
}

fn keep_best(scores: &[f32], best: &mut Best) {
    for (label, &score) in scores.iter().enumerate() {
        let score = safe_log(score);
        if !best.is_beaten(score) {
            best.push(score, label as u32);
        }
    }
}

/// Rows in groups of `LANES`, value by value: row 0 to 7 of column 0, of column 1, and so on. Empty if not held ready.
fn side_by_side(output: &Matrix) -> Vec<f32> {
    let Some(table) = output.ready() else { return Vec::new() };
    let dim = table.len() / output.rows();
    let mut lanes = Vec::with_capacity(table.len());
    for group in table.chunks_exact(dim * LANES) {
        for column in 0..dim {
            lanes.extend((0..LANES).map(|row| group[row * dim + column]));
        }
    }
    lanes
}

fn all_scores(output: &Matrix, lanes: &[f32], bytes: &[u8], hidden: &[f32], scores: &mut Vec<f32>) -> Result<()> {
    scores.clear();
    for group in lanes.chunks_exact(hidden.len() * LANES) {
        let mut sums = [0.0; LANES];
        for (column, x) in group.as_chunks::<LANES>().0.iter().zip(hidden) {
            for lane in 0..LANES {
                sums[lane] += column[lane] * x;
            }
        }
        scores.extend_from_slice(&sums);
    }
    scores.extend((scores.len()..output.rows()).map(|row| output.dot(bytes, row, hidden)));
    if scores.iter().any(|score| score.is_nan()) { Err(not_a_number()) } else { Ok(()) }
}

fn sigmoid_table() -> Vec<f32> {
    (0..=SIGMOID_STEPS)
        .map(|step| {
            let x = (step as f32 * 2.0 * SIGMOID_END) / SIGMOID_STEPS as f32 - SIGMOID_END;
            (1.0 / (1.0 + f64::from(exp_single(-x)))) as f32
        })
        .collect()
}

fn sigmoid(table: &[f32], x: f32) -> f32 {
    if x < -SIGMOID_END {
        0.0
    } else if x > SIGMOID_END {
        1.0
    } else {
        table[((x + SIGMOID_END) * SIGMOID_STEPS as f32 / SIGMOID_END / 2.0) as usize]
    }
}

/// The Huffman tree of the reference, over labels in the model's order. Node numbers below the label count are labels,
/// the last is the root; the result holds the two children of each node from the label count on.
fn build_tree(counts: &[i64]) -> Result<Vec<[u32; 2]>> {
    let labels = counts.len();
    let sum = counts.iter().try_fold(0_i64, |sum, &count| if count < 0 { None } else { sum.checked_add(count) });
    if sum.is_none_or(|sum| sum >= COUNT_END) {
        return Err(ModelError("the counts of its labels are negative or too large to build its tree".into()));
    }
    let mut count = counts.to_vec();
    count.resize(2 * labels - 1, COUNT_END);
    let mut children = Vec::with_capacity(labels - 1);
    let mut leaf = labels;
    let mut node = labels;
    for parent in labels..2 * labels - 1 {
        // Below the sum of all counts there is always a leaf left or a node built: `node` never reaches `parent`.
        let mut next = || {
            if leaf > 0 && count[leaf - 1] < count[node] {
                leaf -= 1;
                leaf
            } else {
                node += 1;
                node - 1
            }
        };
        let pair = [next(), next()];
        count[parent] = count[pair[0]] + count[pair[1]];
        children.push(pair.map(|child| child as u32));
    }
    Ok(children)
}

/// Walks the tree depth first, left before right, cutting branches that can no longer be among the best.
fn walk(children: &[[u32; 2]], stack: &mut Vec<(u32, f32)>, best: &mut Best, dot: impl Fn(usize) -> f32) -> Result<()> {
    let labels = children.len() + 1;
    let least = safe_log(0.0);
    stack.clear();
    stack.push(((2 * labels - 2) as u32, 0.0));
    while let Some((node, score)) = stack.pop() {
        if score < least || best.is_beaten(score) {
            continue;
        }
        let Some(inner) = (node as usize).checked_sub(labels) else {
            best.push(score, node);
            continue;
        };
        let product = dot(inner);
        if product.is_nan() {
            return Err(not_a_number());
        }
        let right = (1.0 / f64::from(1.0 + exp_single(-product))) as f32;
        let left = (1.0 - f64::from(right)) as f32;
        stack.push((children[inner][1], score + safe_log(right)));
        stack.push((children[inner][0], score + safe_log(left)));
    }
    Ok(())
}
