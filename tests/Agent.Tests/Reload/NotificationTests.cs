using SidecarAgent.Agent.Reload;

namespace SidecarAgent.Agent.Tests.Reload;

public sealed class NotificationTests
{
    [Theory]
    [InlineData("signal:HUP:nginx")]
    [InlineData("signal:USR2:my-server_2.x")]
    [InlineData("http:8080/-/reload")]
    [InlineData("http:1/")]
    [InlineData("http:65535/a?b=c:d")]
    public void What_can_be_told_prints_as_it_was_written(string text)
    {
        Assert.True(Notification.TryParse(text, out var notification, out _));
        Assert.Equal(text, notification.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("HUP")]
    [InlineData("signal:HUP")]
    [InlineData("signal::nginx")]
    [InlineData("signal:HUP:")]
    [InlineData("signal:HUP:a b")]
    [InlineData("signal:HUP:/usr/sbin/nginx")]
    [InlineData("signal:hup:nginx")]
    [InlineData("signal:1:nginx")]
    [InlineData("signal:KILL:nginx")]
    [InlineData("signal:STOP:nginx")]
    [InlineData("signal:HUP:pause")]
    [InlineData("signal:HUP:sidecar-agent")]
    [InlineData("http:")]
    [InlineData("http:0/")]
    [InlineData("http:65536/")]
    [InlineData("http:-1/")]
    [InlineData("http:+80/")]
    [InlineData("http:80 /")]
    [InlineData("http:80/a b")]
    [InlineData("http://169.254.169.254/latest")]
    [InlineData("http:80@evil/x")]
    [InlineData("https:8443/")]
    public void What_cannot_be_told_is_refused_with_a_reason(string text)
    {
        Assert.False(Notification.TryParse(text, out _, out var problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void A_post_goes_to_this_pod_whatever_the_path_says()
    {
        Assert.True(Notification.TryParse("http:80//evil.example/@x#y", out var notification, out _));
        var address = Assert.IsType<HttpNotification>(notification).Address;
        Assert.Equal(("127.0.0.1", 80, "//evil.example/@x%23y"), (address.Host, address.Port, address.PathAndQuery));
    }

    [Fact]
    public void Two_that_say_the_same_are_one()
    {
        Assert.True(Notification.TryParse("signal:HUP:nginx", out var one, out _));
        Assert.True(Notification.TryParse("signal:HUP:nginx", out var other, out _));
        Assert.Equal(one, other);
    }
}
