#!/usr/bin/python3
"""GStreamer's RTSP server with a moving test picture: gstreamer_camera.py PORT, path /test.

Needs gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good and an H.264 encoder (gstreamer1.0-plugins-ugly or -bad).
"""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

Gst.init(None)
ENCODERS = {"x264enc": "x264enc tune=zerolatency key-int-max=25", "openh264enc": "openh264enc gop-size=25"}
encoder = next((line for name, line in ENCODERS.items() if Gst.ElementFactory.find(name)), None)
if encoder is None:
    sys.exit("no H.264 encoder: install gstreamer1.0-plugins-ugly")
server = GstRtspServer.RTSPServer(address="127.0.0.1", service=sys.argv[1])
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch("( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=25/1,format=I420"
                   f" ! {encoder} ! rtph264pay name=pay0 pt=96 )")
factory.set_shared(True)
server.get_mount_points().add_factory("/test", factory)
server.attach(None)
print("ready", sys.argv[1], flush=True)
GLib.MainLoop().run()
