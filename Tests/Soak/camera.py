#!/usr/bin/env python3
"""Cameras that behave badly, on loopback, for the tests of live sources. Standard library only.

camera.py KIND PORT [options]   KIND: mjpeg, rtsp, file, hole, noise, redirect
  mjpeg     HTTP multipart/x-mixed-replace of the JPEG pictures in --media (a folder)
  rtsp      RTSP with RTP in the connection, of the H.264 Annex B file --media
  file      HTTP of the file --media with its length; --cut ends each connection after so many bytes
  hole      accepts connections and never answers
  noise     answers with random bytes
  redirect  HTTP that sends everybody to --media, a URL
--lifetime S   seconds of video per connection, after which it is cut
--silent S     seconds of video per connection, after which it stays open and silent until the other side ends it
--garbage S    seconds of video per RTSP connection, after which the packets hold random bytes
--alone       turns everybody away while there is a connection
--rate R       frames per second (25)
--password P   RTSP asks for user `user` with this password
Prints "ready" once it listens. Ends when its standard input ends.
"""
import argparse, base64, glob, os, re, socket, struct, sys, threading, time


class Pace:
    """Sends frames at a rate until a connection's time is over; then silence, or the end."""

    def __init__(self, connection, options):
        self.connection, self.options, self.start, self.frame = connection, options, time.monotonic(), 0

    def wait(self):
        self.frame += 1
        elapsed = self.frame / self.options.rate
        time.sleep(max(0, self.start + elapsed - time.monotonic()))
        if self.options.lifetime and elapsed > self.options.lifetime:
            raise ConnectionError
        if self.options.silent and elapsed > self.options.silent:
            while self.connection.recv(4096):
                pass
            raise ConnectionError


def read_head(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(4096)
        if not part:
            raise ConnectionError
        head += part
    return head.decode("latin-1")


def mjpeg(connection, options):
    read_head(connection)
    pictures = [open(p, "rb").read() for p in sorted(glob.glob(options.media + "/*.jpg"))]
    connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=frame\r\n\r\n")
    pace = Pace(connection, options)
    while True:
        picture = pictures[pace.frame % len(pictures)]
        connection.sendall(
            b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture) + picture + b"\r\n")
        pace.wait()


def file(connection, options):
    head = read_head(connection)
    data = open(options.media, "rb").read()
    start = int((re.search(r"Range: bytes=(\d+)", head) or [0, 0])[1])
    status = "206 Partial Content" if start else "200 OK"
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(data) - start}", "Connection: close", "Accept-Ranges: bytes"]
    if start:
        lines.append(f"Content-Range: bytes {start}-{len(data) - 1}/{len(data)}")
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + data[start:start + options.cut if options.cut else None])


def redirect(connection, options):
    read_head(connection)
    connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: {options.media}\r\nContent-Length: 0\r\n\r\n".encode())


def hole(connection, options):
    time.sleep(3600)


def noise(connection, options):
    while True:
        connection.sendall(os.urandom(4096))
        time.sleep(0.02)


def access_units(path):
    """The NAL units of each picture; its first slice begins with first_mb_in_slice = 0."""
    units, current = [], []
    for nal in re.split(b"\x00\x00\x00?\x01", open(path, "rb").read())[1:]:
        kind = nal[0] & 31
        begins = kind in (6, 7, 8, 9) or (kind in (1, 5) and nal[1] & 0x80)
        if begins and any(n[0] & 31 in (1, 5) for n in current):
            units.append(current)
            current = []
        current.append(nal)
    return units + [current]


class RTP:
    """RFC 3550 packets of H.264 (RFC 6184), interleaved in an RTSP connection."""

    def __init__(self, connection):
        self.connection, self.sequence, self.is_garbage = connection, 0, False

    def packet(self, payload, timestamp, marker):
        if self.is_garbage:
            payload = os.urandom(len(payload))
        header = struct.pack(">BBHII", 0x80, 96 | marker << 7, self.sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 1)
        self.sequence += 1
        self.connection.sendall(struct.pack(">cBH", b"$", 0, len(header + payload)) + header + payload)

    def nal(self, nal, timestamp, is_last):
        if len(nal) <= 1400:
            return self.packet(nal, timestamp, is_last)
        parts = [nal[i:i + 1400] for i in range(1, len(nal), 1400)]
        for index, part in enumerate(parts):
            first, last = index == 0, index == len(parts) - 1
            start = bytes([nal[0] & 0xE0 | 28, first << 7 | last << 6 | nal[0] & 31])
            self.packet(start + part, timestamp, is_last and last)


def rtsp(connection, options):
    units = access_units(options.media)
    sets = [n for n in units[0] if n[0] & 31 in (7, 8)]
    parameters = ",".join(base64.b64encode(n).decode() for n in sets)
    sdp = (f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
           f"a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets={parameters}\r\n"
           f"a=control:track\r\n")
    expected = "Basic " + base64.b64encode(f"user:{options.password}".encode()).decode()
    while True:
        head = read_head(connection)
        method = head.split(" ")[0]
        sequence = re.search(r"CSeq: *(\d+)", head)[1]
        extra, body, status = "", "", "200 OK"
        if options.password and method != "OPTIONS" and f"Authorization: {expected}" not in head:
            status, extra = "401 Unauthorized", 'WWW-Authenticate: Basic realm="camera"\r\n'
        elif method == "DESCRIBE":
            body, extra = sdp, f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n"
        elif method == "SETUP":
            if "interleaved" not in head:
                status = "461 Unsupported Transport"
            extra = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n"
        elif method == "PLAY":
            extra = "Session: 1\r\n"
        connection.sendall(f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n{extra}\r\n{body}".encode())
        if method == "PLAY" and status == "200 OK":
            break
    rtp, pace = RTP(connection), Pace(connection, options)
    while True:
        rtp.is_garbage = 0 < options.garbage * options.rate < pace.frame
        unit = units[pace.frame % len(units)]
        for nal in unit:
            rtp.nal(nal, int(pace.frame * 90000 / options.rate), nal is unit[-1])
        pace.wait()


def serve(connection, handler, options, served):
    try:
        with connection:
            if options.alone and not served.acquire(blocking=False):
                return
            try:
                handler(connection, options)
            finally:
                if options.alone:
                    served.release()
    except OSError:
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["mjpeg", "rtsp", "file", "hole", "noise", "redirect"])
    parser.add_argument("port", type=int)
    for name, kind, default in [("media", str, ""), ("lifetime", float, 0), ("silent", float, 0), ("garbage", float, 0), ("rate", float, 25),
                                ("password", str, ""), ("cut", int, 0)]:
        parser.add_argument("--" + name, type=kind, default=default)
    parser.add_argument("--alone", action="store_true")
    options, served = parser.parse_args(), threading.Lock()
    server = socket.create_server(("127.0.0.1", options.port))
    print("ready", server.getsockname()[1], flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    while True:
        connection, _ = server.accept()
        threading.Thread(target=serve, args=(connection, globals()[options.kind], options, served), daemon=True).start()


main()
