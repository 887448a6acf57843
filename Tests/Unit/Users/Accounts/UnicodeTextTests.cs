using Streaming.Users;

namespace Streaming.Tests.Users;

public sealed class UnicodeTextTests
{
    [Theory]
    [InlineData("plain ASCII", "plain ASCII")]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("\u00e9", "\u00e9")]
    [InlineData("\u212b", "\u00c5")] // Angstrom sign
    [InlineData("s\u0323\u0307", "\u1e69")]
    [InlineData("s\u0307\u0323", "\u1e69")] // marks in another order
    [InlineData("a\u0301\u0301", "\u00e1\u0301")] // the second is blocked by the first
    [InlineData("\u1100\u1161\u11a8", "\uac01")] // Hangul
    [InlineData("\uac01", "\uac01")]
    [InlineData("\u0958", "\u0915\u093c")] // excluded from composition
    [InlineData("\ufb01", "\ufb01")] // a ligature stays
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    [InlineData("\u0301e", "\u0301e")]
    public void Letters_and_marks_are_composed(string text, string normal) => Assert.Equal(normal, UnicodeText.Nfc(text));

    [Theory]
    [InlineData("ADA@Example.COM", "ada@example.com")]
    [InlineData("\uff21\uff44\uff41\uff20example.com", "ada@example.com")] // full-width
    [InlineData("\ufb01n", "fin")]
    [InlineData("E\u0301", "\u00e9")]
    [InlineData("\u00c9", "\u00e9")]
    [InlineData("Stra\u00dfe", "strasse")]
    [InlineData("STRA\u1e9eE", "strasse")]
    [InlineData("\u212aelvin", "kelvin")]
    [InlineData("\u03a3\u03c2\u03c3", "\u03c3\u03c3\u03c3")]
    [InlineData("\u017f", "s")]
    [InlineData("\u2460", "1")]
    [InlineData("\u0130", "i\u0307")]
    public void What_is_the_same_to_readers_has_one_form(string text, string normal)
    {
        Assert.Equal(normal, UnicodeText.NfkcFold(text));
        Assert.Equal(normal, UnicodeText.NfkcFold(normal));
    }
}
