using System.Text;
using System.Text.Json;
using Streaming.WebFront;

namespace Streaming.Tests.Http;

public sealed class JsonNumbersTests
{
    [Theory]
    [InlineData("1", 1.0)]
    [InlineData("1.0", 1.0)]
    [InlineData("1e0", 1.0)]
    [InlineData("10E-1", 1.0)]
    [InlineData("-0", 0.0)]
    [InlineData("-0.0", 0.0)]
    [InlineData("812.437", 812.437)]
    [InlineData("1e400", null)]
    [InlineData("-1e400", null)]
    [InlineData("\"1\"", 1.0)]
    [InlineData("\"1e0\"", 1.0)]
    [InlineData("\"\\u0031\"", 1.0)]
    [InlineData("\"one\"", null)]
    [InlineData("\"\"", null)]
    [InlineData("\"1e400\"", null)]
    [InlineData("[1]", null)]
    [InlineData("true", null)]
    [InlineData("null", null)]
    public void A_number_is_its_value_whichever_reader_meets_it(string json, double? expected)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();

        Assert.Equal(expected, JsonNumbers.Read(JsonElement.Parse(json)));
        Assert.Equal(expected, JsonNumbers.Read(ref reader));
    }

    [Theory]
    [InlineData("1.0", 1.0)]
    [InlineData(" 5e0 ", 5.0)]
    [InlineData("NaN", null)]
    [InlineData("Infinity", null)]
    [InlineData("1e400", null)]
    [InlineData("5,5", null)]
    [InlineData("0x5", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_text_may_be_a_number(string? text, double? expected) => Assert.Equal(expected, JsonNumbers.Read(text));

    [Theory]
    [InlineData(1.0, 1)]
    [InlineData(7.0, 7)]
    [InlineData(0.0, null)]
    [InlineData(8.0, null)]
    [InlineData(1.5, null)]
    [InlineData(1e18, null)]
    [InlineData(null, null)]
    public void A_whole_number_has_no_fraction_and_is_in_its_range(double? number, int? expected) =>
        Assert.Equal(expected, JsonNumbers.Whole(number, 1, 7));
}
