//! The least that an answer can cost: bytes that lie ready.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use bytes::Bytes;

/// A peer that answers `/` with these bytes, said to be gzip, from a handler that does nothing
/// else; gives its host and port.
pub fn serve_static(bytes: &[u8], kind: &'static str) -> String {
    let bytes = Bytes::copy_from_slice(bytes);
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let answer = move || {
                let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_ENCODING, "gzip")];
                std::future::ready((headers, bytes.clone()))
            };
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
            send.send(listener.local_addr().expect("its address").to_string()).expect("somebody waits");
            axum::serve(listener, Router::new().route("/", get(answer))).await.expect("it serves");
        });
    });
    receive.recv().expect("an address")
}
