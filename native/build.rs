fn main() {
    #[cfg(feature = "binding")]
    napi_build::setup();
}
