using Streaming.Media;
using Streaming.Tests.Storage;
using Streaming.Videos;

namespace Streaming.Tests.Media;

public sealed class DeclaredLengthTests
{
    // An empty header and a segment of sixteen bytes.
    private const string Header = "1a45dfa380";
    private const string Sixteen = "00112233445566778899aabbccddeeff";

    [Theory]
    [InlineData(Header + "1853806790" + Sixteen, 0)]
    [InlineData(Header + "1853806791" + Sixteen, 1)]
    [InlineData(Header + "1853806701000000000000ff" + Sixteen, 239)]
    [InlineData(Header + "ec8100" + "18538067" + "4011" + Sixteen, 1)]
    [InlineData(Header + "18538067ff" + Sixteen, 0)] // of unknown size
    [InlineData(Header + "1853806701ffffffffffffff" + Sixteen, 0)]
    [InlineData(Header + "1853806790" + Sixteen + "ec85", 5)]
    [InlineData(Header + "1853806790" + Sixteen + "544147ff", 0)] // something after it
    [InlineData(Header + "18538067", 0)] // no size at all
    [InlineData(Header + "1853806700" + Sixteen, 0)] // and none that is one
    [InlineData("1a45dfa3", 0)]
    [InlineData("", 0)]
    public void Segment_of_Matroska_tells_its_length(string hex, long missing) => Assert.Equal(missing, Missing(hex, VideoFormat.Matroska));

    [Theory]
    [InlineData("52494646140000004156492000112233445566778899aabbccddeeff", 0)]
    [InlineData("52494646150000004156492000112233445566778899aabbccddeeff", 0)]
    [InlineData("524946461c0000004156492000112233445566778899aabbccddeeff", 0)] // its own head counted
    [InlineData("524946461d0000004156492000112233445566778899aabbccddeeff", 9)]
    [InlineData("52494646000000004156492000112233445566778899aabbccddeeff", 0)]
    [InlineData("52494646ffffffff4156492000112233445566778899aabbccddeeff", 0)]
    [InlineData("52494646050000004156492000ff" + "524946460001000041564958aabb", 250)] // a second part, after a byte of padding
    [InlineData("52494646040000004156492052494646ff00", 0)]
    public void Parts_of_Avi_tell_their_lengths(string hex, long missing) => Assert.Equal(missing, Missing(hex, VideoFormat.Avi));

    [Theory]
    [InlineData("3026b2758e66cf11a6d900aa0062ce6c1800000000000000" + "3626b2758e66cf11a6d900aa0062ce6c2800000000000000" + Sixteen, 0)]
    [InlineData("3026b2758e66cf11a6d900aa0062ce6c1800000000000000" + "3626b2758e66cf11a6d900aa0062ce6c2a00000000000000" + Sixteen, 2)]
    [InlineData("3026b2758e66cf11a6d900aa0062ce6c1800000000000000" + "3626b2758e66cf11a6d900aa0062ce6c0000000000000000" + Sixteen, 0)]
    [InlineData("3026b2758e66cf11a6d900aa0062ce6cffffffffffffffff", 0)]
    public void Objects_of_Windows_Media_tell_their_lengths(string hex, long missing) => Assert.Equal(missing, Missing(hex, VideoFormat.WindowsMedia));

    [Fact]
    public void Other_formats_do_not_tell() => Assert.Equal(0, Missing(Header + "1853806791" + Sixteen, VideoFormat.MpegTransport));

    private static long Missing(string hex, VideoFormat format)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "file");
        File.WriteAllBytes(path, Convert.FromHexString(hex));
        return DeclaredLength.Missing(path, format);
    }
}
