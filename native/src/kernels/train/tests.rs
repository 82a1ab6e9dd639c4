use super::*;
use crate::kernels::tokenizer::{Options, Tokenizer};

const TEXT: &str = "Das Haus und die Häuser; la maison, les maisons. Η οικία και οι οικίες. 12345 домове\n\n  let x = 1;\n";

fn learn(cut: &str, threads: usize, batch: usize, vocabulary: usize) -> String {
    let mut trainer = Trainer::new(Cut::named(cut).unwrap(), threads);
    let texts: Vec<String> = (0..64).map(|i| TEXT.chars().cycle().skip(i * 3).take(150 + i).collect()).collect();
    for some in texts.chunks(batch) {
        let mut offsets = vec![0];
        for text in some {
            offsets.push(offsets.last().unwrap() + text.len() as i32);
        }
        trainer.add(some.concat().as_bytes(), &offsets, WEIGHT_ONE * 3 / 2).unwrap();
    }
    trainer.begin(vocabulary, vec!["<|endoftext|>".to_owned()]).unwrap();
    while !trainer.advance() {}
    trainer.file().unwrap()
}

#[test]
fn threads_and_batches_do_not_show() {
    for (cut, vocabulary) in [("gpt4o", 400), ("llama3", 400), ("spaces", 480)] {
        let one = learn(cut, 1, 64, vocabulary);
        assert_eq!(one, learn(cut, 3, 5, vocabulary), "{cut}");
    }
}

#[test]
fn the_file_loads_and_loses_nothing() {
    for (cut, vocabulary) in [("gpt4o", 320), ("llama3", 320), ("spaces", 420)] {
        let file = learn(cut, 2, 64, vocabulary);
        let mut tokenizer = Tokenizer::load(file.as_bytes(), &Options::default()).unwrap_or_else(|refusal| panic!("{cut}: {refusal}"));
        assert_eq!(tokenizer.vocabulary_size(), vocabulary, "{cut}");
        let text = format!("{TEXT}<0x41> 中文 \u{1F600} <unk><|endoftext|>");
        let (ids, _) = tokenizer.encode(text.as_bytes(), &[0, text.len() as i32], None).unwrap();
        let ids = ids.to_vec();
        assert!(ids.len() < text.len() * 3 / 4, "{cut}: {} tokens", ids.len());
        assert_eq!(String::from_utf8(tokenizer.decode(&ids).unwrap()).unwrap(), text, "{cut}");
    }
}

#[test]
fn a_vocabulary_without_room_and_a_sample_without_words_are_refused() {
    let mut trainer = Trainer::new(Cut::named("gpt4o").unwrap(), 1);
    assert!(trainer.begin(257, vec!["<|endoftext|>".to_owned()]).unwrap_err().contains("257"));
    assert!(trainer.begin(300, vec![]).unwrap_err().contains("no word"));
    assert!(Cut::named("gpt5").is_none());
}
