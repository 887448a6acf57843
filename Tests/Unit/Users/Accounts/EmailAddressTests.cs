using Streaming.Users;

namespace Streaming.Tests.Users;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("ada@example.com", "ada@example.com")]
    [InlineData("  Ada@example.com\t", "Ada@example.com")]
    [InlineData("\u00a0ada@localhost\u3000\n", "ada@localhost")]
    [InlineData("a.b+c@sub.example.com", "a.b+c@sub.example.com")]
    [InlineData("jos\u00e9@b\u00fccher.example", "jos\u00e9@b\u00fccher.example")]
    public void Address_is_read_without_what_stands_around_it(string text, string email)
    {
        Assert.True(EmailAddress.TryRead(text, out var read));
        Assert.Equal(email, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("ada")]
    [InlineData("ada@")]
    [InlineData("@example.com")]
    [InlineData("ada@x@example.com")]
    [InlineData("ada lovelace@example.com")]
    [InlineData("ada@exa\nmple.com")]
    [InlineData("ada\u200b@example.com")] // zero-width space
    [InlineData("\u200bada@example.com")]
    [InlineData("ada@example.com\ufeff")]
    [InlineData("ad\u200da@example.com")] // joiner
    [InlineData("ad\u00ada@example.com")] // soft hyphen
    [InlineData("\u202emoc.elpmaxe@ada")] // turned
    [InlineData("ada@\u2066example.com\u2069")]
    [InlineData("a\u200eda@example.com")]
    [InlineData("a\u061cda@example.com")]
    [InlineData("ad\u034fa@example.com")]
    [InlineData("ad\u3164a@example.com")] // drawn as nothing
    [InlineData("ad\ufe0fa@example.com")]
    [InlineData("ad\u2800a@example.com")]
    [InlineData("ad\ue000a@example.com")] // of private use
    [InlineData("ad\U000E0041a@example.com")] // a tag
    [InlineData("ad\ufffda@example.com")]
    [InlineData("ad\ufffca@example.com")] // in place of an object
    [InlineData("ada\uff20x@example.com")] // becomes a second at sign
    [InlineData("ad\u00a8a@example.com")] // becomes a blank
    public void What_is_no_address_or_hides_something_is_refused(string text) => Assert.False(EmailAddress.TryRead(text, out _));

    [Fact]
    public void Forms_of_one_address_have_one_key()
    {
        var key = EmailAddress.Key("Jos\u00e9@Example.com");
        Assert.Equal(key, EmailAddress.Key("JOSE\u0301@example.com"));
        Assert.Equal(key, EmailAddress.Key("jos\u00e9@\uff45xample.com"));
        foreach (var dot in "\u3002\uff0e\uff61")
            Assert.Equal(key, EmailAddress.Key($"jos\u00e9@example{dot}com"));

        Assert.NotEqual(key, EmailAddress.Key("jose@example.com"));
        Assert.NotEqual(EmailAddress.Key("jo.se@example.com"), EmailAddress.Key("jo\u3002se@example.com"));
    }

    [Theory]
    [InlineData("Ada", "Ada")]
    [InlineData(" Ada L. ", "Ada L.")]
    [InlineData("Jose\u0301", "Jos\u00e9")]
    [InlineData("\U0001F468\u200d\U0001F469\u200d\U0001F467", "\U0001F468\u200d\U0001F469\u200d\U0001F467")]
    [InlineData("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")]
    public void Name_is_read_without_blanks_around_it(string text, string name)
    {
        Assert.True(DisplayName.TryRead(text, 100, out var read));
        Assert.Equal(name, read);
    }

    [Theory]
    [InlineData("   ")]
    [InlineData("\t")]
    [InlineData("\u00a0\u3000\u2003")]
    [InlineData("Ada\nLovelace")]
    [InlineData("Ada\r\n")]
    [InlineData("Ada\u2028Lovelace")]
    [InlineData("Ada\u0085")]
    [InlineData("A\u0007da")]
    [InlineData("A\u001b[31mda")]
    [InlineData("\u200b\u200d")]
    [InlineData("\u3164")]
    [InlineData("\u2800\u2800")]
    [InlineData("\u202eadA")]
    public void Name_that_is_blank_hidden_or_of_several_lines_is_refused(string text) => Assert.False(DisplayName.TryRead(text, 100, out _));
}
