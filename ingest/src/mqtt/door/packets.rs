//! Packets of MQTT 3.1.1 as far as the door looks into them.

use bytes::{Bytes, BytesMut};
use rumqttc::mqttbytes::{Error, FixedHeader, check};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::PassError;

/// What the door looks at in a PUBLISH (MQTT 3.1.1, 3.3).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Published<'a> {
    pub qos: u8,
    /// Empty where the packet is cut.
    pub topic: &'a [u8],
    /// 0 with QoS 0.
    pub identifier: u16,
    pub payload_bytes: usize,
}

impl<'a> Published<'a> {
    /// The topic name is the first field after the fixed header (3.3.2.1), which ends
    /// with the first length byte without continuation bit (2.2.3); the packet
    /// identifier follows it where the QoS is above 0, and is never 0 (2.3.1). What
    /// the broker does not take must not be counted as waiting.
    pub fn read(packet: &'a [u8]) -> Result<Self, PassError> {
        let head = packet.first().copied().unwrap_or(0);
        let qos = head >> 1 & 0b11;
        let last = packet.iter().skip(1).take(4).position(|byte| byte & 0x80 == 0);
        let start = last.map_or(packet.len(), |last| last + 2);
        let end = start + 2 + usize::from(number(packet, start));
        let identifier = if qos > 0 { number(packet, end) } else { 0 };
        if qos == 3 || (qos > 0 && identifier == 0) {
            return Err(PassError::NoPublish { qos, identifier });
        }
        let head_bytes = end + if qos > 0 { 2 } else { 0 };
        let topic = packet.get(start + 2..end).unwrap_or(&[]);
        Ok(Self { qos, topic, identifier, payload_bytes: packet.len().saturating_sub(head_bytes) })
    }
}

/// Two bytes of a packet, high one first; 0 where it is cut.
pub(super) fn number(packet: &[u8], at: usize) -> u16 {
    packet.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u16::from_be_bytes(*bytes))
}

/// Whole packets of one direction.
pub(super) struct Packets<R> {
    from: R,
    pub buffer: BytesMut,
    max_packet_bytes: usize,
}

impl<R: AsyncRead + Unpin> Packets<R> {
    pub fn new(from: R, max_packet_bytes: usize) -> Self {
        Self { from, buffer: BytesMut::with_capacity(8 * 1024), max_packet_bytes }
    }

    pub async fn next(&mut self) -> Result<(FixedHeader, Bytes), PassError> {
        loop {
            match check(self.buffer.iter(), self.max_packet_bytes) {
                Ok(header) => {
                    let packet = self.buffer.split_to(header.frame_length()).freeze();
                    return Ok((header, packet));
                }
                Err(Error::InsufficientBytes(_)) => {}
                Err(error) => return Err(error.into()),
            }
            if self.from.read_buf(&mut self.buffer).await? == 0 {
                return Err(PassError::Closed);
            }
        }
    }
}

/// A PUBLISH with QoS 1 and identifier 1, and so many bytes of payload.
#[cfg(test)]
pub(super) fn example(topic: &str, bytes: usize) -> BytesMut {
    let mut publish = rumqttc::mqttbytes::v4::Publish::new(topic, rumqttc::QoS::AtLeastOnce, vec![b'x'; bytes]);
    publish.pkid = 1;
    let mut out = BytesMut::new();
    publish.write(&mut out).unwrap();
    out
}

#[cfg(test)]
mod tests {
    use super::example as packet;
    use super::*;

    #[test]
    fn the_topic_is_read_whatever_the_size_of_the_packet() {
        for bytes in [0, 1, 100, 127, 128, 16_000, 17_000, 3_000_000] {
            let packet = packet("misto/v1/vehicles/7/x", bytes);
            let topic = &b"misto/v1/vehicles/7/x"[..];
            assert_eq!(
                Published::read(&packet).unwrap(),
                Published { qos: 1, topic, identifier: 1, payload_bytes: bytes }
            );
        }
    }

    #[test]
    fn a_publish_that_the_broker_does_not_take_is_not_counted() {
        let mut wrong = packet("t", 3);
        wrong[6] = 0;
        assert!(matches!(Published::read(&wrong), Err(PassError::NoPublish { qos: 1, identifier: 0 })));
        wrong[0] |= 0b110;
        assert!(matches!(Published::read(&wrong), Err(PassError::NoPublish { qos: 3, .. })));
    }
}
