/** A JPEG of 48×48 pixels with soft colours, 420 bytes: decoding it takes the way of a photo. */
const JPEG = `
/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+
gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8
fHz/wAARCAAwADADASIAAhEBAxEB/8QAGQABAQADAQAAAAAAAAAAAAAAAwIBBAUG/8QAGhAAAwEBAQEAAAAAAAAAAAAA
AAECAxESIf/EABoBAAICAwAAAAAAAAAAAAAAAAQFAAYBAgP/xAAdEQADAQEAAgMAAAAAAAAAAAAAAQIDERMhEjFR/9oA
DAMBAAIRAxEAPwDykwNECTmLOZt3jJnZEQPEFzAsQd1aQbnZiIGmC5j4IpCfKpDc7OdOYizHnMRZANekVbPQ11AsQKsy
5zF9aOWMc7MTHS1DQkRwec+mXr5F9+w7O+GpOYqzGUF+BndfFFRzsBZ9KWXBZnjGmOoT3S07+jLO+ATmNMcEWfC1ADVu
GMc7P//Z`;

/** The image that has to go through before the service calls itself ready. */
export const warmUpImage = (): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(JPEG.replaceAll('\n', '')), (char) => char.charCodeAt(0));
