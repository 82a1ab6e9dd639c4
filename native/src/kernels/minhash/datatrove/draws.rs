//! The numbers that numpy's legacy `RandomState` draws: MT19937 (Matsumoto and Nishimura 1998), bounded by rejection.

const STATE: usize = 624;
const MIDDLE: usize = 397;

pub struct Draws {
    state: [u32; STATE],
    next: usize,
}

impl Draws {
    pub fn new(seed: u32) -> Self {
        let mut state = [seed; STATE];
        for i in 1..STATE {
            state[i] = 1_812_433_253_u32.wrapping_mul(state[i - 1] ^ state[i - 1] >> 30).wrapping_add(i as u32);
        }
        Self { state, next: STATE }
    }

    /// As `randint(0, most + 1, dtype=uint64)` draws it; `most` needs more than 32 bits.
    pub fn up_to(&mut self, most: u64) -> u64 {
        let mask = u64::MAX >> most.leading_zeros();
        loop {
            let high = u64::from(self.word()) << 32;
            let drawn = (high | u64::from(self.word())) & mask;
            if drawn <= most {
                return drawn;
            }
        }
    }

    fn word(&mut self) -> u32 {
        if self.next == STATE {
            self.twist();
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= word << 7 & 0x9D2C_5680;
        word ^= word << 15 & 0xEFC6_0000;
        word ^ word >> 18
    }

    fn twist(&mut self) {
        for i in 0..STATE {
            let joined = self.state[i] & 0x8000_0000 | self.state[(i + 1) % STATE] & 0x7FFF_FFFF;
            let odd = if joined & 1 == 0 { 0 } else { 0x9908_B0DF };
            self.state[i] = self.state[(i + MIDDLE) % STATE] ^ joined >> 1 ^ odd;
        }
        self.next = 0;
    }
}
