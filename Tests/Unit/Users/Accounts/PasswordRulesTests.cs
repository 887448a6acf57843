using Streaming.Users;

namespace Streaming.Tests.Users;

public sealed class PasswordRulesTests
{
    private const string Email = "ada.lovelace@example.com";

    [Theory]
    [InlineData("correct horse")]
    [InlineData("a long sentence")]
    [InlineData("zxkqv7")]
    [InlineData("pass word is two words")]
    [InlineData("ada.lovelace.is.here")]
    [InlineData("\u00e4\u00f6\u00fc\u00df\u00e9\u00f1")]
    public void Password_of_six_characters_that_nobody_guesses_is_good(string password) => Assert.Null(PasswordRules.Refuse(password, Email, 6));

    [Theory]
    [InlineData("12345")]
    [InlineData("e\u0301e\u0301e\u0301")] // three letters with marks
    [InlineData("\U0001F600\U0001F601\U0001F602")] // three characters of two units
    public void Characters_are_counted_as_people_do(string password) =>
        Assert.StartsWith("must have 6 to 256", PasswordRules.Refuse(password, Email, 6), StringComparison.Ordinal);

    [Theory]
    [InlineData("123456")]
    [InlineData("password")]
    [InlineData("Password1")]
    [InlineData("PASSWORD")]
    [InlineData("qwerty123")]
    [InlineData("iloveyou")]
    [InlineData("P@ssw0rd")]
    [InlineData("letmein")]
    [InlineData("1q2w3e4r")]
    [InlineData("abc123")]
    [InlineData("\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44")] // full-width
    [InlineData("password ")]
    [InlineData("\u00a0password\t")]
    [InlineData("p\u200bassword")]
    [InlineData("\ufeffPass\u00adword\ufffc")]
    [InlineData("\u200b\u200c\u200d\u200b\u200c\u200d")] // nothing at all
    [InlineData("zzzz\u200bzz ")]
    [InlineData("zzzzzzzzzz")]
    [InlineData("      ")]
    public void Most_common_passwords_are_refused_in_every_case_and_width(string password) =>
        Assert.Contains("most common", PasswordRules.Refuse(password, Email, 6), StringComparison.Ordinal);

    [Theory]
    [InlineData(Email)]
    [InlineData("ADA.Lovelace@Example.com")]
    [InlineData(" ada.lovelace@example.com ")]
    [InlineData("ada.love\u200blace")]
    [InlineData("ada.lovelace")]
    [InlineData("Ada.Lovelace")]
    public void Email_and_what_stands_before_its_sign_are_refused(string password) =>
        Assert.Contains("e-mail", PasswordRules.Refuse(password, Email, 6), StringComparison.Ordinal);
}
