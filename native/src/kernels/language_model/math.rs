//! `exp` and `log` that give the same bits on every machine, and those of glibc 2.28 and later on x86-64: what the
//! reference's published builds link against. The platform's own differ between C libraries.

pub fn log(x: f64) -> f64 {
    libm::log(x)
}

pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// 2^(i/32), rounded to nearest.
const POWERS: [u64; 32] = [
    0x3FF0_0000_0000_0000,
    0x3FF0_59B0_D315_8574,
    0x3FF0_B558_6CF9_890F,
    0x3FF1_1301_D012_5B51,
    0x3FF1_72B8_3C7D_517B,
    0x3FF1_D487_3168_B9AA,
    0x3FF2_387A_6E75_6238,
    0x3FF2_9E9D_F51F_DEE1,
    0x3FF3_06FE_0A31_B715,
    0x3FF3_71A7_373A_A9CB,
    0x3FF3_DEA6_4C12_3422,
    0x3FF4_4E08_6061_892D,
    0x3FF4_BFDA_D536_2A27,
    0x3FF5_342B_569D_4F82,
    0x3FF5_AB07_DD48_5429,
    0x3FF6_247E_B03A_5585,
    0x3FF6_A09E_667F_3BCD,
    0x3FF7_1F75_E8EC_5F74,
    0x3FF7_A114_73EB_0187,
    0x3FF8_2589_994C_CE13,
    0x3FF8_ACE5_422A_A0DB,
    0x3FF9_3737_B0CD_C5E5,
    0x3FF9_C491_82A3_F090,
    0x3FFA_5503_B23E_255D,
    0x3FFA_E89F_995A_D3AD,
    0x3FFB_7F76_F2FB_5E47,
    0x3FFC_199B_DD85_529C,
    0x3FFC_B720_DCEF_9069,
    0x3FFD_5818_DCFB_A487,
    0x3FFD_FC97_337B_9B5F,
    0x3FFE_A4AF_A2A4_90DA,
    0x3FFF_5076_5B6E_4540,
];

/// Single-precision exponential by the method of Arm's optimized routines, which glibc uses: x·32/ln 2 = 32·n + i + r,
/// exp(x) = 2^n · 2^(i/32) · 2^(r/32), the last by a polynomial of degree 3, all in double precision.
/// A correctly rounded `exp` would differ from glibc in about one of 3,000 results.
pub fn exp_single(x: f32) -> f32 {
    const SCALE: f64 = std::f64::consts::LOG2_E * 32.0;
    /// Adding and subtracting it rounds to a whole number, half to even, with that number in the low bits.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    const C3: f64 = 0.055_503_615_593_415_35 / 32.0 / 32.0 / 32.0;
    const C2: f64 = 0.240_228_452_244_572_2 / 32.0 / 32.0;
    const C1: f64 = 0.693_147_180_691_620_3 / 32.0;
    if x.is_nan() {
        return x;
    }
    if x > 88.722_83 {
        return f32::INFINITY;
    }
    if x < -103.972_08 {
        return 0.0;
    }
    let z = f64::from(x) * SCALE;
    let shifted = z + SHIFT;
    let whole = shifted.to_bits();
    let r = z - (shifted - SHIFT);
    let i = whole % 32;
    let power = f64::from_bits(POWERS[i as usize].wrapping_add(whole.wrapping_sub(i) << 47));
    let high = C3 * r + C2;
    let low = C1 * r + 1.0;
    ((high * (r * r) + low) * power) as f32
}
