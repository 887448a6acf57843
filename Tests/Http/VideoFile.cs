using System.Net.Http.Headers;
using System.Text;

namespace Streaming.Tests.Http;

/// <summary>Files that are videos by their first bytes, and forms that send them.</summary>
internal static class VideoFile
{
    /// <summary>The same bytes for the same length.</summary>
    public static byte[] Mp4(int bytes)
    {
        var file = new byte[bytes];
        new Random(bytes).NextBytes(file);
        ReadOnlySpan<byte> head = [0, 0, 0, 32, .. "ftypisom"u8, 0, 0, 2, 0, .. "isomiso2avc1mp41"u8];
        head.CopyTo(file);
        return file;
    }

    public static ByteArrayContent Part(byte[] file)
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("video/mp4");
        return content;
    }

    public static MultipartFormDataContent Form(byte[] file, string title = "A title", string fileName = "a.mp4") =>
        new() { { new StringContent(title, Encoding.UTF8), "title" }, { Part(file), "video", fileName } };
}
