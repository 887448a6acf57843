using System.Text;

namespace Streaming.Benchmarks.Load;

/// <summary>HTTP/1.1 requests as the bytes that go over the wire, built once and sent many times.</summary>
internal static class RequestBytes
{
    public static byte[] Get(int port, string path) =>
        Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");

    public static byte[] Post(int port, string path) =>
        Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n\r\n");

    public static byte[] PostJson(int port, string path, byte[] body)
    {
        var head = $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }
}
