using SidecarAgent.Webhook.Vault;

namespace SidecarAgent.Webhook.Tests.Vault;

public sealed class VaultCommandTests
{
    [Theory]
    [InlineData("kill -HUP $(pidof nginx)", "signal:HUP:nginx")]
    [InlineData("sh -c \"kill -HUP $(pidof nginx)\"", "signal:HUP:nginx")]
    [InlineData("/bin/sh -c 'kill -s SIGUSR1 $(pgrep app)'", "signal:USR1:app")]
    [InlineData("kill -1 `pidof nginx`", "signal:HUP:nginx")]
    [InlineData("kill $(pidof app)", "signal:TERM:app")]
    [InlineData("pkill -HUP nginx", "signal:HUP:nginx")]
    [InlineData("pkill --signal HUP -x nginx", "signal:HUP:nginx")]
    [InlineData("killall -s HUP nginx", "signal:HUP:nginx")]
    [InlineData("curl -X POST http://localhost:8080/-/reload", "http:8080/-/reload")]
    [InlineData("curl -sf -XPOST 'http://127.0.0.1:9000/reload?now=1'", "http:9000/reload?now=1")]
    [InlineData("sh -c 'curl -s -X POST http://localhost/reload'", "http:80/reload")]
    public void A_plain_kill_or_curl_is_a_notification(string command, string notification) =>
        Assert.Equal(notification, VaultCommand.Notification(command));

    [Theory]
    [InlineData("")]
    [InlineData("systemctl reload nginx")]
    [InlineData("kill -HUP 1")]
    [InlineData("kill -HUP $(cat /run/nginx.pid)")]
    [InlineData("pkill -f nginx")]
    [InlineData("kill -HUP $(pidof nginx) && rm -rf /")]
    [InlineData("kill -HUP $(pidof nginx); echo done")]
    [InlineData("curl -X POST http://example.org/reload")]
    [InlineData("curl -X DELETE http://localhost:8080/x")]
    [InlineData("curl -X POST -H 'Authorization: x' http://localhost:8080/x")]
    [InlineData("curl -X POST https://localhost:8443/reload")]
    [InlineData("curl")]
    [InlineData("curl -X")]
    [InlineData("sh -c \"")]
    public void Anything_else_is_none(string command) => Assert.Null(VaultCommand.Notification(command));
}
