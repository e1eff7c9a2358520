using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Tests.Engines;

public sealed class AccountNameTests
{
    [Theory]
    [InlineData("orders", 63, "^sa-orders-[a-z2-7]{20}$")]
    [InlineData("Orders_2", 63, "^sa-orders_2-[a-z2-7]{20}$")]
    [InlineData("a'; DROP ROLE x; --", 63, "^sa-adroprolex---[a-z2-7]{20}$")]
    [InlineData("", 63, "^sa--[a-z2-7]{20}$")]
    [InlineData("a-role-with-a-name-that-is-much-too-long-for-any-server-to-hold-it", 63, "^sa-.{39}-[a-z2-7]{20}$")]
    [InlineData("orders", 32, "^sa-orders-[a-z2-7]{20}$")]
    public void A_name_tells_its_role_and_fits_its_server(string role, int longest, string expected)
    {
        var name = AccountName.Generate(role, longest);
        Assert.Matches(expected, name.Value);
        Assert.InRange(name.Value.Length, 24, longest);
        Assert.Null(AccountName.Parse(name.Value, out _));
    }

    [Fact]
    public void No_two_names_are_the_same() =>
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => AccountName.Generate("r", 63)).Distinct().Count());

    [Theory]
    [InlineData("orders_a")]
    [InlineData("svc.orders@prod")]
    public void A_name_that_people_chose_is_taken(string name) => Assert.Null(AccountName.Parse(name, out _));

    [Theory]
    [InlineData("")]
    [InlineData("-orders")]
    [InlineData("or ders")]
    [InlineData("o'rders")]
    [InlineData("o\"rders")]
    [InlineData("o`rders")]
    [InlineData("o\\rders")]
    [InlineData("$$orders")]
    [InlineData("orders\0")]
    [InlineData("orders\n")]
    [InlineData("ørders")]
    [InlineData("%")]
    [InlineData("../orders")]
    public void A_name_that_needs_care_is_refused(string name) => Assert.NotNull(AccountName.Parse(name, out _));
}
