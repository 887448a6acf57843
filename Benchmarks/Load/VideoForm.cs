using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Streaming.Benchmarks.Load;

/// <summary>A multipart form with a title and a video, held once for all that send it: the head of an MP4 file, then random bytes.</summary>
internal sealed class VideoForm
{
    private const string Boundary = "streaming-benchmarks-7d41b1c6a4f04f";

    private readonly byte[] before;
    private readonly byte[] file;
    private readonly byte[] after = Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n");

    public VideoForm(int fileBytes)
    {
        before = Encoding.ASCII.GetBytes(
            $"--{Boundary}\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA benchmark\r\n"
            + $"--{Boundary}\r\nContent-Disposition: form-data; name=\"video\"; filename=\"clip.mp4\"\r\nContent-Type: video/mp4\r\n\r\n");
        file = new byte[fileBytes];
        RandomNumberGenerator.Fill(file);
        WriteHead(file);
    }

    /// <summary>Of the file in it.</summary>
    public int FileBytes => file.Length;

    /// <summary>What stands before the form in a request; also says whose it is, where there is a token.</summary>
    public byte[] Head(int port, string path, string? token = null) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{(token is null ? "" : $"Authorization: Bearer {token}\r\n")}"
        + $"Content-Type: multipart/form-data; boundary={Boundary}\r\nContent-Length: {before.Length + file.Length + after.Length}\r\n\r\n");

    /// <summary>A whole request, in the pieces in which it is sent.</summary>
    public ReadOnlyMemory<byte>[] Request(byte[] head) => [head.AsMemory(), before, file, after];

    /// <summary>The box that names the format, and one that is said to reach to the end.</summary>
    private static void WriteHead(byte[] file)
    {
        ReadOnlySpan<byte> format = [0, 0, 0, 32, .. "ftypisom"u8, 0, 0, 2, 0, .. "isomiso2avc1mp41"u8];
        format.CopyTo(file);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(format.Length), file.Length - format.Length);
        "mdat"u8.CopyTo(file.AsSpan(format.Length + 4));
    }
}
