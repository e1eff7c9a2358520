using SidecarAgent.Examples.Orders;

// The whole contract of an application: read a file, and read it again when told. Nothing here knows of a broker.
var file = Environment.GetEnvironmentVariable("ORDERS_SECRET_FILE") ?? "/secrets/db.json";
var listen = Environment.GetEnvironmentVariable("ORDERS_LISTEN") ?? "127.0.0.1:8080";

var credentials = new CredentialsFile(file);
Console.WriteLine(credentials.Read());

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();
app.Urls.Add($"http://{listen}");
app.MapPost("/-/reload", () =>
{
    var said = credentials.Read();
    Console.WriteLine($"told to reload: {said}");
    return said + "\n";
});
app.MapGet("/", () => credentials.Read() + "\n");
await app.StartAsync();
Console.WriteLine($"ready on {listen}");
await app.WaitForShutdownAsync();
Console.WriteLine("stopped");
